"""改派: an administrator says who sits where (I10)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Proxy, User
from templates_engine.approvers import Seat
from templates_engine.text import both
from tickets.commands.candidates import free_people
from tickets.commands.handing_over import because, hand_over, inherit, leave
from tickets.errors import NotAllowed, OwnTicket, WrongState
from tickets.events import Kind
from tickets.models import Ticket
from tickets.models.node_visit import PEOPLE
from tickets.nodes.seating import barred, seat
from tickets.queries.visible import get_visible
from tickets.states.ticket import FINAL
from tickets.walk import lock


@transaction.atomic
def reassign(*, number: str, actor: User, at: datetime, node: str, users: Sequence[str], comment: str) -> Ticket:
    """Put others in place of those whom a node waits for, or where it found nobody.

    Never himself, nor somebody whose proxy he is: who may hand out seats does not take one; nor about what he asks for
    or has changed. Raises NotFound, NotAllowed, OwnTicket, WrongState where this node waits for nobody, Invalid.
    """
    get_visible(actor, number, at)
    if not actor.is_admin:
        raise NotAllowed
    walk = lock(at, actor, number=number)
    visit = next((v for v in walk.open_visits() if v.node == node and v.type in PEOPLE), None)
    if walk.ticket.state in FINAL or visit is None:
        raise WrongState(_("Nobody is being waited for at this node."))
    if visit.type == "approval" and actor.pk in barred(walk):
        raise OwnTicket
    pending = walk.pending(visit)
    waiting = [task for task in pending if task.added_to is None] or pending
    people = free_people(
        walk, visit, users, besides=_himself(actor, at), leaving={task.assignee_id for task in waiting}
    )
    taken: dict[str, Any] = {"from": [task.assignee.username for task in waiting]}
    walk.record(
        Kind.TASK_REASSIGNED, comment=comment, users=[person.username for person in people],
        **taken, **walk.node_facts(visit),
    )  # fmt: skip
    seats = [Seat(person, because(both("管理员改派", "reassigned by an administrator"), comment)) for person in people]
    made = (
        hand_over(walk, waiting[0], seats, channel="system", comment=comment) if waiting else seat(walk, visit, seats)
    )
    for task in waiting[1:]:
        leave(walk, task, "system", comment)
        inherit(walk, task, made[0])
    walk.save()
    return walk.ticket


def _himself(actor: User, at: datetime) -> set[int]:
    """The actor, and everybody for whom he acts or is going to act."""
    held = Proxy.objects.filter(agent=actor, revoked_at__isnull=True, ends_at__gt=at)
    return {actor.pk, *held.values_list("principal_id", flat=True)}
