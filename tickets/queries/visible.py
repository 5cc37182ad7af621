"""Who may see a ticket: whoever has a part in it, the proxies of its approvers, administrators (I23).

Operators see a ticket whose automation has its turn, or had it: they hear where it fails, and rerun, cancel and resolve
it. They open such a ticket and may speak on it; it stands in none of their lists, and hidden fields stay hidden.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Proxy, User
from accounts.permissions import OPERATE, has_permission
from tickets.errors import NotFound
from tickets.models import NodeVisit, Participant, Ticket


def held_by(user: User, at: datetime) -> list[Proxy]:
    """The proxies this person holds now."""
    return list(Proxy.objects.active(at).filter(agent=user))


def seats_for(user: User, held: Iterable[Proxy], template: str) -> set[int]:
    """The people whose tasks this person decides on tickets of this template: himself, and principals."""
    return {user.pk, *(proxy.principal_id for proxy in held if proxy.covers(template))}


def visible_tickets(user: User, at: datetime, held: Iterable[Proxy] | None = None) -> QuerySet[Ticket]:
    """Every ticket that this person takes part in, or sees as an administrator or a proxy. Lists start here.

    What nobody has handed in, a draft or one that was discarded, is for its owner and whom he lets see it alone.
    held: held_by(user, at), where known.
    """
    own = Participant.objects.standing(at).filter(ticket=OuterRef("pk"), user=user)
    if user.is_admin:
        return Ticket.objects.filter(Q(submitted_at__isnull=False) | Exists(own))
    approver = Participant.objects.filter(ticket=OuterRef("pk"), kind=Participant.Kind.APPROVER)
    seen = Q(Exists(own))
    for proxy in held_by(user, at) if held is None else held:
        scope = Q(Exists(approver.filter(user_id=proxy.principal_id)))
        if proxy.templates is not None:
            scope &= Q(template_version__template__key__in=proxy.templates)
        seen |= scope
    return Ticket.objects.filter(seen)


def by_which_proxy(user: User, ticket: Ticket, at: datetime) -> int | None:
    """The proxy by which alone this person sees this ticket, the one that lasts longest; None where he sees it anyway.

    His own, or the one that somebody had who let him see it.
    """
    parts = list(Participant.objects.standing(at).filter(ticket=ticket, user=user).values_list("proxy_id", flat=True))
    if user.is_admin or None in parts:
        return None
    approvers = Participant.objects.filter(ticket=ticket, kind=Participant.Kind.APPROVER).values("user")
    held = Proxy.objects.active(at).covering(ticket.template_version.template.key)
    mine = Proxy.objects.filter(Q(pk__in=parts) | Q(pk__in=held.filter(agent=user, principal__in=approvers)))
    return mine.order_by("-ends_at").values_list("pk", flat=True).first()


def titles_open_to(user: User, numbers: Collection[str]) -> Collection[str]:
    """Those of these tickets whose titles this person may read beside another one; no statement for none of them."""
    if user.is_admin or not numbers:
        return numbers
    own = Participant.objects.standing(timezone.now()).filter(user=user, ticket__number__in=numbers)
    return set(own.values_list("ticket__number", flat=True))


def operated_tickets(user: User) -> QuerySet[Ticket]:
    """The tickets that run something, for whoever may operate automation; none for anybody else."""
    if not has_permission(user, OPERATE):
        return Ticket.objects.none()
    return Ticket.objects.filter(Exists(NodeVisit.objects.filter(ticket=OuterRef("pk"), type="automation")))


def takes_part(user: User, ticket: Ticket, at: datetime) -> bool:
    """Whether this person sees this ticket for more than what it runs."""
    return visible_tickets(user, at).filter(pk=ticket.pk).exists()


def may_see(user: User, ticket: Ticket, at: datetime) -> bool:
    """Whether this person may see this ticket."""
    return takes_part(user, ticket, at) or operated_tickets(user).filter(pk=ticket.pk).exists()


def get_visible(user: User, number: str, at: datetime, held: Iterable[Proxy] | None = None) -> Ticket:
    """This ticket. Raises NotFound where it does not exist or is not theirs to see."""
    ticket = _find(visible_tickets(user, at, held), number) or _find(operated_tickets(user), number)
    if ticket is None:
        raise NotFound
    return ticket


def _find(tickets: QuerySet[Ticket], number: str) -> Ticket | None:
    return tickets.select_related("applicant", "department").filter(number=number).first()
