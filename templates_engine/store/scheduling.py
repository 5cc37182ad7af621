"""Publications for later: asked for now, checked again and done when their time has come."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.permissions import PUBLISH, has_permission
from accounts.trail.acts import SYSTEM, Kind, Origin, record
from common.errors import DomainError, Problem, finding
from templates_engine.errors import NoSuchTemplate, NothingScheduled, NotPublisher
from templates_engine.models import Publication, Template
from templates_engine.store.commands import publish
from templates_engine.store.offering import cancel_waiting, require_publisher

State = Publication.State


@transaction.atomic
def schedule(
    *, key: str, number: int, actor: User, origin: Origin, note: str, due_at: datetime, at: datetime
) -> Publication:
    """Publish this version at `due_at`, in place of a publication that waits already.

    The document is checked now by whoever calls this, and again when its time has come. Raises NotPublisher,
    NoSuchTemplate.
    """
    require_publisher(actor)
    template = Template.objects.select_for_update().filter(key=key).first()
    version = template.versions.filter(number=number).first() if template else None
    if template is None or version is None:
        raise NoSuchTemplate
    cancel_waiting(template)
    data = {"key": key, "version": number, "due_at": due_at, "note": note}
    record(Kind.TEMPLATE_SCHEDULED, actor=actor, origin=origin, at=at, about=f"template:{key}", data=data)
    return Publication.objects.create(
        template=template, version=version, state=State.WAITING, note=note, asked_by=actor, asked_at=at, due_at=due_at
    )


@transaction.atomic
def unschedule(*, key: str, actor: User, origin: Origin, at: datetime) -> None:
    """Cancel the publication that waits. Raises NotPublisher, NoSuchTemplate, NothingScheduled."""
    require_publisher(actor)
    template = Template.objects.select_for_update().filter(key=key).first()
    if template is None:
        raise NoSuchTemplate
    if not cancel_waiting(template):
        raise NothingScheduled
    record(Kind.TEMPLATE_UNSCHEDULED, actor=actor, origin=origin, at=at, about=f"template:{key}", data={"key": key})


def publish_due(at: datetime) -> int:
    """Do the publications whose time has come, oldest first; return how many were looked at.

    Who asked must still have the right, and the document must still pass its check: otherwise the publication is
    refused, its reasons are kept, and what was published stays so.
    """
    due = Publication.objects.filter(state=State.WAITING, due_at__lte=at).order_by("due_at", "pk")
    ids = list(due.values_list("pk", flat=True))
    for pk in ids:
        _publish_one(pk, at)
    return len(ids)


@transaction.atomic
def _publish_one(pk: int, at: datetime) -> None:
    waiting = Publication.objects.select_related("template", "version", "asked_by").filter(pk=pk)
    row = waiting.select_for_update(of=("self",), skip_locked=True).filter(state=State.WAITING).first()
    if row is None:
        return
    key, number = row.template.key, row.version.number
    try:
        with transaction.atomic():
            _require_right(row.asked_by)
            publish(key=key, number=number, actor=row.asked_by, at=at, note=row.note)
            row.delete()  # publishing has written a row of its own
    except DomainError as error:
        row.state, row.errors = State.REFUSED, _reasons(error)
        row.save(update_fields=["state", "errors"])
        data = {"key": key, "version": number, "code": error.code, "note": row.note}
        record(Kind.TEMPLATE_NOT_PUBLISHED, actor=None, origin=SYSTEM, at=at, about=f"template:{key}", data=data)


def _require_right(actor: User | None) -> None:
    if actor is None or not actor.is_active or not has_permission(actor, PUBLISH):
        raise NotPublisher


def _reasons(error: DomainError) -> list[Problem]:
    return list(error.errors or [finding("", error.code, error.detail)])
