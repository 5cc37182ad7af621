"""Reads the sources of the inventory: changes are always reported, but applied only where that is allowed."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.permissions import OPERATE, has_permission
from accounts.trail.acts import Origin
from automation.clock import db_now
from automation.commands.importing import Outcome, import_hosts, shown
from automation.commands.sources import TASK
from automation.executors.salt.account import NotSet, account_of
from automation.executors.salt.api_connection import SaltApiError
from automation.executors.salt.client import Salt
from automation.executors.salt.fleet import accepted, grains
from automation.inventory.entry import HostEntry
from automation.inventory.group_tree import Inventory
from automation.inventory.parse import parse_bytes
from automation.inventory.problems import Unreadable, first_of, unreadable
from automation.inventory.salt import inventory
from automation.inventory.source_paths import found as file_at
from automation.inventory.workbook import LARGEST
from automation.models import Host, InventoryRun, InventorySource
from automation.values import visible
from common import doorbell
from common.errors import Problem, finding
from tickets.errors import Invalid

logger = logging.getLogger("baton.automation")
State = InventoryRun.State
KEPT = 50  # stored runs of one source
LOST = timedelta(minutes=15)  # a run that still runs after this time has lost its worker
RING_AGAIN = timedelta(seconds=30)
TOO_MANY = "too_many_changes"


def sweep_sources() -> None:
    """Create runs that are due, ring for waiting runs, fail runs whose worker died. May be called at any time."""
    now = db_now()
    due = InventorySource.objects.filter(is_active=True, interval_min__gt=0, next_at__lte=Now())
    for source in due.exclude(runs__state__in=[State.WAITING, State.RUNNING]):
        with suppress(IntegrityError), transaction.atomic():  # a person has requested a run meanwhile
            mine = InventorySource.objects.filter(pk=source.pk, next_at__lte=Now())
            if mine.update(next_at=now + timedelta(minutes=source.interval_min)):
                InventoryRun.objects.create(source=source, apply=source.applies, created_at=now)
    lost = InventoryRun.objects.filter(state=State.RUNNING, started_at__lt=Now() - LOST)
    lost.update(
        state=State.FAILED,
        finished_at=Now(),
        errors=[finding("", "lost", _("Its worker ended meanwhile. Run it again."))],
    )
    for run in InventoryRun.objects.filter(state=State.WAITING):
        doorbell.ring(TASK, run.pk)


def read_source(run_id: int) -> None:
    """Do one waiting run; a second caller does nothing."""
    claimed = InventoryRun.objects.filter(pk=run_id, state=State.WAITING)
    if not claimed.update(state=State.RUNNING, started_at=Now()):
        return
    run = InventoryRun.objects.select_related("source", "asked_by").get(pk=run_id)
    try:
        _settle(run, _read(run.source))
    except Unreadable as error:
        _fail(run, first_of(error.errors))
    except Invalid as error:
        _fail(run, error.errors or [])
    except Exception as error:
        logger.exception("source.failed", extra={"source": run.source_id, "run": run.pk})
        _fail(run, unreadable("", type(error).__name__).errors)


def _read(source: InventorySource) -> Inventory:
    """The current content of the source. Raises Unreadable."""
    is_live = source.kind == InventorySource.Kind.SALT and not source.path
    found = _of_salt() if is_live else _of_file(source)
    if source.site:
        for entry in found.entries:
            _at_site(entry, source.site)
    return found


def _at_site(entry: HostEntry, site: str) -> None:
    if "site" not in entry.given:
        entry.site, entry.given = site, entry.given | {"site"}


def _of_file(source: InventorySource) -> Inventory:
    path = file_at(source.path)
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError as error:
        raise unreadable("", f"{source.path}: {error.strerror}") from error
    kind = "salt" if source.kind == InventorySource.Kind.SALT else None
    return parse_bytes(raw, kind, path.name)


def _of_salt() -> Inventory:
    """The minions with accepted keys, with the grains of those that are up. Raises Unreadable."""
    try:
        salt = Salt(account_of({}))
        salt.log_in()
        names = accepted(salt)
        said = grains(salt, names)
    except (NotSet, SaltApiError, OSError) as error:
        raise unreadable("", f"Salt: {visible(str(error))}"[:500]) from error
    return inventory({name: said.get(name, {}) for name in names})


@transaction.atomic
def _settle(run: InventoryRun, found: Inventory) -> None:
    """Store the differences, and apply them if that was requested and is within the source's limit."""
    source = InventorySource.objects.select_for_update().get(pk=run.source_id)
    at = db_now()

    def bring(*, dry_run: bool) -> Outcome:
        return import_hosts(
            actor=run.asked_by, found=found, at=at, origin=Origin(run.channel, run.address), dry_run=dry_run,
            expected=source.names, said={"source": source.name, "run": run.pk},
        )  # fmt: skip

    outcome = bring(dry_run=True)
    changes = len(outcome.changes)
    if run.apply and run.asked_by is None and changes > source.most_changes:
        run.held_back = TOO_MANY
    elif run.apply and changes and _may(run):
        outcome = bring(dry_run=False)
        run.applied = True
    run.state, run.finished_at, run.outcome = State.DONE, at, shown(outcome, dry_run=not run.applied)
    run.save()
    _remember(source, found)
    if outcome.missing or run.held_back:
        logger.warning("source.needs_a_person", extra={"source": source.pk, "run": run.pk})


def _may(run: InventoryRun) -> bool:
    """Whether the person who requested the run may still operate; a scheduled run always may."""
    return run.asked_by is None or has_permission(run.asked_by, OPERATE)


def _remember(source: InventorySource, found: Inventory) -> None:
    """Store which hosts the source has brought, so that missing ones are reported until disabled or removed.

    Also deletes old runs.
    """
    here = {entry.name for entry in found.entries}
    known = Host.objects.filter(name__in=here | set(source.names), is_active=True).values_list("name", flat=True)
    source.names = sorted(known)
    source.save(update_fields=["names"])
    old = InventoryRun.objects.filter(source=source).order_by("-pk").values_list("pk", flat=True)[KEPT:]
    InventoryRun.objects.filter(pk__in=list(old)).delete()


def _fail(run: InventoryRun, errors: Sequence[Problem]) -> None:
    InventoryRun.objects.filter(pk=run.pk).update(state=State.FAILED, finished_at=Now(), errors=errors)
