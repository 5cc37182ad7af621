"""Open tickets that nobody can move (I10)."""

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from tickets.models import ApprovalTask, Event, NodeVisit, Ticket
from tickets.models.node_visit import PEOPLE
from tickets.states import TaskState, TicketState
from tickets.trail.events import Kind

FORSAKEN = Q(state=TicketState.RETURNED, applicant__is_active=False)  # nobody will submit it again
PENDING = ApprovalTask.objects.filter(visit=OuterRef("pk"), state=TaskState.PENDING)


def unable_visits() -> QuerySet[NodeVisit]:
    """Open nodes of people without an active person who could act."""
    able = PENDING.filter(assignee__is_active=True)
    return NodeVisit.objects.filter(~Exists(able), state=NodeVisit.State.OPEN, type__in=PEOPLE)


def deserted_visits() -> QuerySet[NodeVisit]:
    """The same, and open nodes where somebody who was asked has left."""
    waiting = NodeVisit.objects.filter(state=NodeVisit.State.OPEN, type__in=PEOPLE)
    left = PENDING.filter(assignee__is_active=False)
    return waiting.filter(Q(Exists(left)) | ~Exists(PENDING.filter(assignee__is_active=True)))


def stuck_tickets(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """The tickets among these that nobody can move."""
    return tickets.filter(FORSAKEN | Q(pk__in=unable_visits().values("ticket_id")))


def untold_tickets() -> QuerySet[Ticket]:
    """Tickets returned to somebody who has left, without a report about it since the return."""
    news = Event.objects.filter(ticket=OuterRef("pk"), kind__in=[Kind.TICKET_RETURNED, Kind.TICKET_STUCK])
    last = Subquery(news.order_by("-seq").values("kind")[:1])
    return Ticket.objects.filter(FORSAKEN).annotate(last=last).filter(last=Kind.TICKET_RETURNED)
