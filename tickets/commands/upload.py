"""Store an uploaded file: for later use in a form, or added to a ticket."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q, Sum

from accounts.models import User
from tickets.commands.permitted import asked_of, require
from tickets.engine.walk import lock
from tickets.files.errors import QuotaExceeded, TooManyAttachments, TooManyUnused
from tickets.files.parsing import Upload
from tickets.files.storage import stored
from tickets.models import Attachment, Ticket
from tickets.queries.visible import get_visible, takes_part
from tickets.rules.ticket_rights import Asked
from tickets.trail.events import Kind


def upload(*, file: Upload, actor: User, at: datetime) -> Attachment:
    """Store a file that a form will name later; until then only its owner can see and use it.

    Raises QuotaExceeded, StorageFull; nothing is kept then.
    """
    require_room(actor, file.size, unused=True)
    with stored(file) as name, transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=actor.pk)  # parallel uploads share the quota
        require_room(actor, file.size, unused=True)
        return _row(file, name, actor, at)


def attach(*, number: str, file: Upload, actor: User, at: datetime) -> Attachment:
    """Add a file to an unfinished ticket, outside its form. The actor must be a participant.

    Raises NotFound, NotAllowed, WrongState, TooManyAttachments, QuotaExceeded, StorageFull; nothing is kept then.
    """
    ticket = get_visible(actor, number, at)
    require("attachments", Asked(ticket, actor, takes_part=takes_part(actor, ticket, at)), at)
    require_room(actor, file.size)
    with stored(file) as name, transaction.atomic():
        walk = lock(at, actor, number=number)
        require("attachments", asked_of(walk, actor, takes_part=takes_part(actor, walk.ticket, at)), at)
        require_space_on(walk.ticket, 1)
        User.objects.select_for_update(no_key=True).get(pk=actor.pk)
        require_room(actor, file.size)
        row = _row(file, name, actor, at, ticket=walk.ticket, loose=True)
        walk.record(Kind.TICKET_ATTACHED, attachment=row.pk, name=row.name, size=row.size, sha256=row.sha256)
        walk.save()
        return row


def _row(file: Upload, name: str, actor: User, at: datetime, **more: object) -> Attachment:
    row = Attachment(
        owner=actor, name=file.name, size=file.size, content_type=file.content_type, sha256=file.sha256,
        stored_as=name, created_at=at, **more,
    )  # fmt: skip
    row.save(force_insert=True)
    return row


def require_room(owner: User, size: int, *, unused: bool = False) -> None:
    """Raises QuotaExceeded if this person's quota does not allow `size` more bytes."""
    idle = Q(ticket__isnull=True)
    used = Attachment.objects.filter(owner=owner).aggregate(
        all=Sum("size", default=0), idle=Sum("size", filter=idle, default=0), count=Count("pk", filter=idle)
    )
    if used["all"] + size > settings.ATTACHMENT_PERSON_BYTES:
        raise QuotaExceeded
    full = used["idle"] + size > settings.ATTACHMENT_UNUSED_BYTES or used["count"] >= settings.ATTACHMENT_UNUSED_FILES
    if unused and full:
        raise TooManyUnused


def require_space_on(ticket: Ticket, more: int) -> None:
    """Raises TooManyAttachments if this locked ticket cannot take this many more files."""
    if ticket.attachments.count() + more > settings.ATTACHMENTS_PER_TICKET:
        raise TooManyAttachments
