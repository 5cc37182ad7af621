"""Comments, reminders, copies and the rating: what people say about a ticket without moving it."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from accounts.models import User
from tickets.errors import Invalid, NotAllowed, NotFound, RemindedAlready, WrongState
from tickets.events import Kind
from tickets.models import Event, Participant, Ticket
from tickets.queries.visible import by_which_proxy, may_see, takes_part
from tickets.states import TicketState
from tickets.walk import Walk, lock

REMIND_EVERY = timedelta(minutes=10)


def _lock_visible(number: str, actor: User, at: datetime) -> Walk:
    walk = lock(at, actor, number=number)
    if not may_see(actor, walk.ticket, at):
        raise NotFound
    return walk


@transaction.atomic
def comment(*, number: str, actor: User, at: datetime, text: str) -> Ticket:
    """Say something; the other participants hear of it. Raises NotFound."""
    walk = _lock_visible(number, actor, at)
    walk.record(Kind.TICKET_COMMENTED, text=text)
    walk.save()
    return walk.ticket


@transaction.atomic
def remind(*, number: str, actor: User, at: datetime) -> Ticket:
    """Ask everybody else who is being waited for again. Raises NotFound, NotAllowed, WrongState, RemindedAlready."""
    walk = _lock_visible(number, actor, at)
    if walk.ticket.applicant_id != actor.pk and not actor.is_admin:
        raise NotAllowed
    open_tasks = [task for visit in walk.open_visits() for task in walk.pending(visit)]
    waiting = [task for task in open_tasks if task.assignee_id != actor.pk]
    if not waiting:
        raise WrongState(_("Nobody else is being waited for."))
    recent = Event.objects.filter(ticket=walk.ticket, kind=Kind.TICKET_REMINDED, at__gt=at - REMIND_EVERY)
    last = recent.order_by("-at").values_list("at", flat=True).first()
    if last is not None:
        again = formats.date_format(timezone.localtime(last + REMIND_EVERY), "H:i")
        raise RemindedAlready(
            _("They were reminded a moment ago. You can do it again at %(again)s.") % {"again": again}
        )
    walk.record(Kind.TICKET_REMINDED, assignees=[task.assignee.username for task in waiting])
    walk.save()
    return walk.ticket


@transaction.atomic
def watch(*, number: str, actor: User, at: datetime, users: list[str]) -> Ticket:
    """Let others see the ticket and tell them. Raises NotFound, NotAllowed, Invalid for unknown people."""
    walk = _lock_visible(number, actor, at)
    if not takes_part(actor, walk.ticket, at):
        raise NotAllowed
    people = {user.username: user for user in User.objects.filter(username__in=users, is_active=True)}
    unknown = [name for name in users if name not in people]
    if unknown:
        message = _("There is no active user of this name.")
        raise Invalid(
            [{"path": f"users[{users.index(n)}]", "code": "unknown_user", "message": message} for n in unknown]
        )
    proxy_id = by_which_proxy(actor, walk.ticket, at)
    for user in people.values():
        walk.participate(user.pk, Participant.Kind.CC, proxy_id)
    by: dict[str, Any] = {"by_proxy": proxy_id} if proxy_id else {}
    walk.record(Kind.TICKET_COPIED, users=sorted(people), **by)
    walk.save()
    return walk.ticket


@transaction.atomic
def rate(*, number: str, actor: User, at: datetime, score: int, comment: str = "") -> Ticket:
    """The applicant's judgement of a completed ticket, once, where its template asks for one.

    Raises NotFound, NotAllowed, WrongState.
    """
    walk = _lock_visible(number, actor, at)
    ticket = walk.ticket
    if ticket.applicant_id != actor.pk:
        raise NotAllowed
    if ticket.state != TicketState.COMPLETED or ticket.rating is not None:
        raise WrongState
    if not walk.program.document.get("rating", False):
        raise WrongState(_("This kind of ticket is not rated."))
    ticket.rating, ticket.rating_comment = score, comment
    walk.record(Kind.TICKET_RATED, score=score, comment=comment)
    walk.save()
    return ticket
