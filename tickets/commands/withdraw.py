"""Withdraw a ticket."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import finding
from tickets.commands.children import wake_parent
from tickets.commands.closing import close_all
from tickets.commands.permitted import asked_of, require
from tickets.engine.walk import lock
from tickets.errors import Invalid
from tickets.models import Ticket
from tickets.trail.events import Kind


@transaction.atomic
def withdraw(*, number: str, actor: User, at: datetime, comment: str = "") -> Ticket:
    """Close everything open, including sub-tickets. A job that has not started never will (I17).

    Raises NotFound; NotAllowed unless the actor is the applicant, or an administrator if the applicant has left, who
    must give a reason; AlreadyRunning, WrongState, Invalid.
    """
    walk = lock(at, actor, number=number)
    ticket = walk.ticket
    require("withdraw", asked_of(walk, actor), at)
    if ticket.applicant_id != actor.pk and not comment:
        raise Invalid([finding("comment", "required", _("Write the reason."))])
    close_all(walk, "withdrawn")
    ticket.withdraw(at=at)
    walk.record(Kind.TICKET_WITHDRAWN, comment=comment)
    walk.save()
    wake_parent(ticket)
    return ticket
