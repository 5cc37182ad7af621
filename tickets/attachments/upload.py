"""Taking a file in: not yet used by any ticket, or added to one beside its form."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q, Sum

from accounts.models import User
from tickets.attachments.errors import QuotaExceeded, TooManyAttachments, TooManyUnused
from tickets.attachments.parsing import Upload
from tickets.attachments.storage import stored
from tickets.errors import NotAllowed, NotFound, WrongState
from tickets.events import Kind
from tickets.models import Attachment, Ticket
from tickets.queries.visible import get_visible, may_see, takes_part
from tickets.states.ticket import FINAL
from tickets.walk import lock


def upload(*, file: Upload, actor: User, at: datetime) -> Attachment:
    """Keep a file that a form will name later; only its owner can see and use it until then.

    Raises QuotaExceeded, StorageFull; nothing is kept then.
    """
    require_room(actor, file.size, unused=True)
    with stored(file) as name, transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=actor.pk)  # two uploads at once do not share the last room
        require_room(actor, file.size, unused=True)
        return _row(file, name, actor, at)


def attach(*, number: str, file: Upload, actor: User, at: datetime) -> Attachment:
    """Add a file to an unfinished ticket beside its form; whoever takes part in the ticket may.

    Raises NotFound, NotAllowed, WrongState, TooManyAttachments, QuotaExceeded, StorageFull; nothing is kept then.
    """
    ticket = get_visible(actor, number, at)
    if not takes_part(actor, ticket, at):
        raise NotAllowed
    _require_open(ticket)
    require_room(actor, file.size)
    with stored(file) as name, transaction.atomic():
        walk = lock(at, actor, number=number)
        if not takes_part(actor, walk.ticket, at):
            raise NotAllowed if may_see(actor, walk.ticket, at) else NotFound
        _require_open(walk.ticket)
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


def _require_open(ticket: Ticket) -> None:
    if ticket.state in FINAL:
        raise WrongState


def require_room(owner: User, size: int, *, unused: bool = False) -> None:
    """Raises QuotaExceeded where this person has no room for so many bytes more."""
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
    """Raises TooManyAttachments where this locked ticket cannot take so many files more."""
    if ticket.attachments.count() + more > settings.ATTACHMENTS_PER_TICKET:
        raise TooManyAttachments
