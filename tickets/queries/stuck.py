"""Which open tickets can nobody move? (I10)"""

from django.db.models import Exists, OuterRef, Q, QuerySet

from tickets.models import ApprovalTask, NodeVisit, Ticket
from tickets.models.node_visit import PEOPLE
from tickets.states import TaskState

PENDING = ApprovalTask.objects.filter(visit=OuterRef("pk"), state=TaskState.PENDING)


def unable_visits() -> QuerySet[NodeVisit]:
    """Open nodes for people without anybody who could act."""
    able = PENDING.filter(assignee__is_active=True)
    return NodeVisit.objects.filter(~Exists(able), state=NodeVisit.State.OPEN, type__in=PEOPLE)


def deserted_visits() -> QuerySet[NodeVisit]:
    """Those, and open nodes of which somebody who was asked has left."""
    waiting = NodeVisit.objects.filter(state=NodeVisit.State.OPEN, type__in=PEOPLE)
    left = PENDING.filter(assignee__is_active=False)
    return waiting.filter(Q(Exists(left)) | ~Exists(PENDING.filter(assignee__is_active=True)))


def stuck_tickets(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Those of these tickets that nobody can move."""
    return tickets.filter(pk__in=unable_visits().values("ticket_id"))
