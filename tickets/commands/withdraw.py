"""Taking a ticket back."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from tickets.errors import AlreadyRunning, NotAllowed, NotFound, WrongState
from tickets.events import Kind
from tickets.models import NodeVisit, Ticket
from tickets.queries.visible import may_see
from tickets.states.ticket import FINAL, TicketState
from tickets.walk import lock


@transaction.atomic
def withdraw(*, number: str, actor: User, at: datetime, comment: str = "") -> Ticket:
    """Close everything that is open. A job that has not started never will; one that runs is not withdrawn (I17).

    Raises NotFound, NotAllowed unless the actor is the applicant, AlreadyRunning, WrongState.
    """
    walk = lock(at, actor, number=number)
    ticket = walk.ticket
    if ticket.applicant_id != actor.pk:
        raise NotAllowed if may_see(actor, ticket, at) else NotFound
    if ticket.state in FINAL:
        raise WrongState
    running = [visit for visit in walk.open_visits() if visit.started_at is not None]
    if running and ticket.state == TicketState.EXECUTING:
        raise AlreadyRunning
    for visit in walk.open_visits():
        walk.close_visit(visit, "withdrawn", state=NodeVisit.State.CLOSED)
    ticket.withdraw(at=at)
    walk.record(Kind.TICKET_WITHDRAWN, comment=comment)
    walk.save()
    return ticket
