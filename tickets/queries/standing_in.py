"""Which tasks of others a proxy may not decide, for whole lists: the same as rules.rights.bar, in SQL.

Proxies may not approve what they applied for or have changed (I03), nor decide where they have moved seats: otherwise a
person could give a seat to somebody whose proxy they are, and decide it themselves (I11).
"""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from accounts.models import User
from tickets.models import ApprovalTask, Event
from tickets.trail.events import Kind

MOVING = (Kind.TASK_REASSIGNED, Kind.TASK_TRANSFERRED, Kind.TASK_SIGN_ADDED)

# Over `act`, an event: a move of a seat for which somebody else was responsible.
MOVES = """(
    act.kind = 'task.reassigned'
    OR act.kind IN ('task.transferred', 'task.sign_added') AND act.on_behalf_of_id IS NOT NULL
)"""
# Over `task` with its `visit`, `ticket` and `content`; %(user)s: the proxy.
BARRED = f"""(
    visit.type = 'approval' AND (
        ticket.applicant_id = %(user)s
        OR content.facts @> jsonb_build_object('editors', jsonb_build_array(%(user)s::bigint))
    )
    OR EXISTS (
        SELECT 1 FROM tickets_event act
        WHERE act.ticket_id = task.ticket_id AND act.actor_id = %(user)s
          AND {MOVES}
          AND act.data ->> 'node' = visit.node AND (act.data ->> 'round')::int = visit.round
    )
)"""  # noqa: S608 (a constant is put in)


def moved_by(user: User, tasks: Iterable[ApprovalTask]) -> set[tuple[int, str, int]]:
    """(ticket, node, round) of the visits where this person has moved seats. No statement if all tasks are their own.

    Moves made as administrator or as proxy; moves of one's own seat do not count. tasks: the tasks this person may
    decide.
    """
    tickets = {task.ticket_id for task in tasks if task.assignee_id != user.pk}
    if not tickets:
        return set()
    return set(_acts(user).filter(ticket__in=tickets).values_list("ticket_id", "data__node", "data__round"))


def _acts(user: User) -> QuerySet[Event]:
    acts = Event.objects.filter(actor=user, kind__in=MOVING)
    return acts.filter(Q(kind=Kind.TASK_REASSIGNED) | Q(on_behalf_of__isnull=False))
