"""Commands for inventory sources: add, change and remove them, and request a run."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.trail.acts import Kind, Origin, record
from automation.commands.hosts import require_operator
from automation.errors import NoSuchSource, RunUnderWay, SourceExists
from automation.inventory.names import is_site
from automation.inventory.source_paths import is_source_path
from automation.models import InventoryRun, InventorySource
from automation.values import HIDDEN
from common import doorbell
from common.errors import finding
from tickets.errors import Invalid

TASK = "automation.read_source"
COLUMNS = ("name", "kind", "path", "site", "interval_min", "applies", "most_changes", "is_active")


@transaction.atomic
def add_source(*, actor: User, at: datetime, origin: Origin, **given: Any) -> InventorySource:
    """Add a source. If it has an interval, it is read for the first time within a minute.

    Raises NotAllowed, Invalid, SourceExists.
    """
    require_operator(actor)
    source = InventorySource(**given)
    _require_sound(source)
    source.next_at = at if source.interval_min else None
    source.save(force_insert=True)
    _record(Kind.SOURCE_ADDED, source, actor, at, origin)
    return source


@transaction.atomic
def change_source(
    *, actor: User, source_id: int, changes: dict[str, Any], at: datetime, origin: Origin
) -> InventorySource:
    """Change a source. Raises NotAllowed, NoSuchSource, Invalid, SourceExists."""
    require_operator(actor)
    source = _locked(source_id)
    before = {key: getattr(source, key) for key, value in changes.items() if getattr(source, key) != value}
    if before:
        for key, value in changes.items():
            setattr(source, key, value)
        _require_sound(source)
        source.next_at = at + timedelta(minutes=source.interval_min) if source.interval_min else None
        source.save()
        _record(Kind.SOURCE_CHANGED, source, actor, at, origin, before=before)
    return source


@transaction.atomic
def remove_source(*, actor: User, source_id: int, at: datetime, origin: Origin) -> None:
    """Remove a source and its stored runs; its hosts stay. Raises NotAllowed, NoSuchSource."""
    require_operator(actor)
    source = _locked(source_id)
    _record(Kind.SOURCE_REMOVED, source, actor, at, origin)
    source.delete()


@transaction.atomic
def ask_for_run(*, actor: User, source_id: int, apply: bool, at: datetime, origin: Origin) -> InventoryRun:
    """Ask the executor to read a source soon. apply: also apply all its additions and changes, however many.

    Raises NotAllowed, NoSuchSource, RunUnderWay.
    """
    require_operator(actor)
    source = _locked(source_id)
    try:
        with transaction.atomic():
            run = InventoryRun.objects.create(
                source=source, apply=apply, asked_by=actor, channel=origin.channel, address=origin.address,
                created_at=at,
            )  # fmt: skip
    except IntegrityError as error:
        raise RunUnderWay from error
    doorbell.ring(TASK, run.pk)
    return run


def _locked(source_id: int) -> InventorySource:
    source = InventorySource.objects.select_for_update().filter(pk=source_id).first()
    if source is None:
        raise NoSuchSource
    return source


def _require_sound(source: InventorySource) -> None:
    """Raise Invalid or SourceExists if the source is not valid."""
    wrong = []
    if not source.name.strip() or HIDDEN.search(source.name):
        wrong.append(finding("name", "bad_name", _("A name is a line of text that can be read.")))
    if source.path and not is_source_path(source.path):
        message = _("A path names a file below BATON_INVENTORY_DIR, such as prod/hosts.ini.")
        wrong.append(finding("path", "bad_path", message))
    if not source.path and source.kind != InventorySource.Kind.SALT:
        wrong.append(finding("path", "required", _("Name the file that is to be read.")))
    if not is_site(source.site):
        wrong.append(finding("site", "bad_site", _("A site is small letters, digits and dashes.")))
    if wrong:
        raise Invalid(wrong)
    if InventorySource.objects.filter(name=source.name).exclude(pk=source.pk).exists():
        raise SourceExists


def _record(kind: Kind, source: InventorySource, actor: User, at: datetime, origin: Origin, **more: Any) -> None:
    data = {key: getattr(source, key) for key in COLUMNS} | more
    record(kind, actor=actor, origin=origin, at=at, about=source.about, data=data)
