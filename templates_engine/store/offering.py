"""What is on offer: the one published version of a template, and the record of how it came to be."""

from datetime import datetime

from django.db import connection

from accounts.models import User
from accounts.permissions import PUBLISH, has_permission
from accounts.trail.acts import Kind, Origin, record
from templates_engine.errors import BrokenSeal, NotPublisher
from templates_engine.models import Publication, Template, TemplateVersion
from templates_engine.store.seals import is_sound

State = TemplateVersion.State
PUBLISHING = 0x7075626C  # "publ"


def require_publisher(actor: User | None) -> None:
    """Raise NotPublisher if the actor may not publish. None is the command line of the server, which may."""
    if actor is not None and not has_permission(actor, PUBLISH):
        raise NotPublisher


def lock_what_is_on_offer() -> None:
    """Lock publishing. Otherwise two templates that open each other could both pass their checks at the same time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PUBLISHING])


def put_on_offer(
    template: Template, version: TemplateVersion, *, actor: User | None, origin: Origin, at: datetime, note: str
) -> None:
    """Make this the published version, in place of the one before. Raises BrokenSeal."""
    if not is_sound(version):
        raise BrokenSeal(key=template.key, number=version.number)
    before = take_off_offer(template)
    version.state, version.published_at = State.PUBLISHED, at
    version.save(update_fields=["state", "published_at"])
    template.current = version
    template.save(update_fields=["current"])
    Publication.objects.create(
        template=template, version=version, state=Publication.State.DONE,
        note=note, asked_by=actor, asked_at=at, due_at=at,
    )  # fmt: skip
    data = {"key": template.key, "version": version.number, "replaces": before, "note": note}
    record(Kind.TEMPLATE_PUBLISHED, actor=actor, origin=origin, at=at, about=f"template:{template.key}", data=data)


def take_off_offer(template: Template) -> int | None:
    """Retire the published version, and cancel a publication that waits. Return the version's number, or None."""
    cancel_waiting(template)
    before = template.current
    if before is None:
        return None
    template.versions.filter(state=State.PUBLISHED).update(state=State.RETIRED)
    template.current = None
    template.save(update_fields=["current"])
    return before.number


def cancel_waiting(template: Template) -> int:
    """Cancel the publication that waits; return how many there were, 0 or 1."""
    waiting = template.publications.filter(state=Publication.State.WAITING)
    return waiting.update(state=Publication.State.CANCELLED)
