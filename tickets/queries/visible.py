"""Who may see a ticket: whoever has a part in it, the proxies of its approvers, administrators (I23)."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Proxy, User
from accounts.models.proxy import ProxyQuerySet
from tickets.errors import NotFound
from tickets.models import Participant, Ticket


def principals(user: User, at: datetime) -> ProxyQuerySet:
    """The proxies this person holds now."""
    return Proxy.objects.active(at).filter(agent=user)


def visible_tickets(user: User, at: datetime) -> QuerySet[Ticket]:
    """Every ticket that this person may see. Every read path starts here."""
    if user.is_admin:
        return Ticket.objects.all()
    own = Participant.objects.filter(ticket=OuterRef("pk"), user=user)
    approver = Participant.objects.filter(ticket=OuterRef("pk"), kind=Participant.Kind.APPROVER)
    seen = Q(Exists(own))
    for proxy in principals(user, at):
        scope = Q(Exists(approver.filter(user_id=proxy.principal_id)))
        if proxy.templates is not None:
            scope &= Q(template_version__template__key__in=proxy.templates)
        seen |= scope
    return Ticket.objects.filter(seen)


def may_see(user: User, ticket: Ticket, at: datetime) -> bool:
    """Whether this person may see this ticket."""
    return visible_tickets(user, at).filter(pk=ticket.pk).exists()


def get_visible(user: User, number: str, at: datetime) -> Ticket:
    """This ticket. Raises NotFound where it does not exist or is not theirs to see."""
    tickets = visible_tickets(user, at).select_related("applicant", "department")
    ticket = tickets.filter(number=number).first()
    if ticket is None:
        raise NotFound
    return ticket
