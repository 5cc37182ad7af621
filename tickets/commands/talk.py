"""Comments, reminders, copies and ratings: what people say about a ticket without moving it."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import finding
from tickets.commands.permitted import asked_of, require
from tickets.engine.walk import lock
from tickets.errors import Invalid, NotFound, RemindedAlready
from tickets.models import Event, Participant, Ticket
from tickets.queries.visible import by_which_proxy, may_see, takes_part
from tickets.rules.ticket_rights import others_waited_for
from tickets.trail.events import Kind

REMIND_EVERY = timedelta(minutes=10)


@transaction.atomic
def comment(*, number: str, actor: User, at: datetime, text: str) -> Ticket:
    """Add a comment; the other participants are notified. Raises NotFound."""
    walk = lock(at, actor, number=number)
    if not may_see(actor, walk.ticket, at):
        raise NotFound
    walk.record(Kind.TICKET_COMMENTED, text=text)
    walk.save()
    return walk.ticket


@transaction.atomic
def remind(*, number: str, actor: User, at: datetime) -> Ticket:
    """Remind all others with pending tasks. Raises NotFound, NotAllowed, WrongState, RemindedAlready."""
    walk = lock(at, actor, number=number)
    asked = asked_of(walk, actor)
    require("remind", asked, at)
    waiting = others_waited_for(asked)
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
    """Let others see the ticket and notify them. Raises NotFound, NotAllowed, Invalid for unknown people."""
    walk = lock(at, actor, number=number)
    require("watch", asked_of(walk, actor, takes_part=takes_part(actor, walk.ticket, at)), at)
    people = {user.username: user for user in User.objects.filter(username__in=users, is_active=True)}
    unknown = [name for name in users if name not in people]
    if unknown:
        message = _("There is no active user of this name.")
        raise Invalid([finding(f"users[{users.index(n)}]", "unknown_user", message) for n in unknown])
    proxy_id = by_which_proxy(actor, walk.ticket, at)
    for user in people.values():
        walk.participate(user.pk, Participant.Kind.CC, proxy_id)
    by: dict[str, Any] = {"by_proxy": proxy_id} if proxy_id else {}
    walk.record(Kind.TICKET_COPIED, users=sorted(people), **by)
    walk.save()
    return walk.ticket


@transaction.atomic
def rate(*, number: str, actor: User, at: datetime, score: int, comment: str = "") -> Ticket:
    """The applicant's rating of a completed ticket, once, if its template asks for one.

    Raises NotFound, NotAllowed, WrongState.
    """
    walk = lock(at, actor, number=number)
    require("rate", asked_of(walk, actor), at)
    ticket = walk.ticket
    ticket.rating, ticket.rating_comment = score, comment
    walk.record(Kind.TICKET_RATED, score=score, comment=comment)
    walk.save()
    return ticket
