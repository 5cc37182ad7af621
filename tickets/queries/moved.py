"""Who has put people into the seats of a step, and so fills none of them for anybody else (I11).

Otherwise he would bring a decision to himself by giving the seat to somebody whose proxy he is, or becomes. One rule,
for `decide` and for everything that offers a decision: buttons, cards, lists and counts.
"""

from collections.abc import Iterable

from django.db.models import Exists, IntegerField, OuterRef, Q, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from accounts.models import User
from tickets.events import Kind
from tickets.models import ApprovalTask, Event

MOVING = (Kind.TASK_REASSIGNED, Kind.TASK_TRANSFERRED, Kind.TASK_SIGN_ADDED)

# The same for statements of our own, over `task` and `visit`; %(user)s: who asks.
HAS_MOVED = """EXISTS (
    SELECT 1 FROM tickets_event act
    WHERE act.ticket_id = task.ticket_id AND act.actor_id = %(user)s
      AND (act.kind = 'task.reassigned'
           OR act.kind IN ('task.transferred', 'task.sign_added') AND act.on_behalf_of_id IS NOT NULL)
      AND act.data ->> 'node' = visit.node AND (act.data ->> 'round')::int = visit.round
)"""


def _acts(user: User) -> QuerySet[Event]:
    """As an administrator, or as a proxy: what somebody does with his own seat is his own business."""
    acts = Event.objects.filter(actor=user, kind__in=MOVING)
    return acts.filter(Q(kind=Kind.TASK_REASSIGNED) | Q(on_behalf_of__isnull=False))


def has_moved(user: User) -> Exists:
    """A condition for queries over tasks: whether this person has moved seats of the task's visit."""
    acts = _acts(user).alias(node=KT("data__node"), round=Cast(KT("data__round"), IntegerField()))
    here = {"ticket": OuterRef("ticket"), "node": OuterRef("visit__node"), "round": OuterRef("visit__round")}
    return Exists(acts.filter(**here))


def moved_by(user: User, tasks: Iterable[ApprovalTask]) -> set[tuple[int, str, int]]:
    """(ticket, node, round) of the visits where he has; for other people's seats among these tasks, else no statement.

    tasks: those that he may fill.
    """
    tickets = {task.ticket_id for task in tasks if task.assignee_id != user.pk}
    if not tickets:
        return set()
    return set(_acts(user).filter(ticket__in=tickets).values_list("ticket_id", "data__node", "data__round"))
