"""Taking a ticket back."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from tickets.commands.children import wake_parent
from tickets.commands.closing import close_all, require_no_running_job
from tickets.errors import Invalid, NotAllowed, NotFound, WrongState
from tickets.events import Kind
from tickets.models import Ticket
from tickets.queries.visible import may_see
from tickets.queries.withdrawal import can_withdraw
from tickets.states.ticket import FINAL
from tickets.walk import lock


@transaction.atomic
def withdraw(*, number: str, actor: User, at: datetime, comment: str = "") -> Ticket:
    """Close everything that is open, sub-tickets included. A job that has not started never will (I17).

    Raises NotFound, NotAllowed unless the actor is the applicant, or an administrator in the place of one who has left,
    who says why; AlreadyRunning, WrongState, Invalid.
    """
    walk = lock(at, actor, number=number)
    ticket = walk.ticket
    if not can_withdraw(ticket, actor):
        raise NotAllowed if may_see(actor, ticket, at) else NotFound
    if ticket.state in FINAL:
        raise WrongState
    if ticket.applicant_id != actor.pk and not comment:
        raise Invalid([{"path": "comment", "code": "required", "message": _("Say why.")}])
    require_no_running_job(walk.open_visits())
    close_all(walk, "withdrawn")
    ticket.withdraw(at=at)
    walk.record(Kind.TICKET_WITHDRAWN, comment=comment)
    walk.save()
    wake_parent(ticket)
    return ticket
