"""Who may see a ticket: participants, the proxies of its approvers, administrators (I23).

Operators also see tickets with automations that run or have run: they are notified of failures, and rerun, cancel and
resolve jobs. They may open and comment on such a ticket, but it is not in their lists, and hidden fields stay hidden.
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


def held_by_caller(user: User, at: datetime) -> list[Proxy]:
    """The same for pages: what was read with the session of this request counts. Commands ask again, under the lock."""
    return held_by(user, at) if user.held is None else user.held


def seats_for(user: User, held: Iterable[Proxy], template: str) -> set[int]:
    """Ids of the people whose tasks this person may decide on tickets of this template: themselves and principals."""
    return {user.pk, *(proxy.principal_id for proxy in held if proxy.covers(template))}


def visible_tickets(user: User, at: datetime, held: Iterable[Proxy] | None = None) -> QuerySet[Ticket]:
    """All tickets that this person sees as a participant, administrator or proxy. Lists start from this.

    Tickets that were never submitted are visible only to their owner and to people the owner has added. held:
    held_by(user, at), if known.
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
    """Id of the proxy without which this person could not see the ticket, the longest-lasting one; else None.

    Either this person's own proxy, or the proxy of the person who let them see it.
    """
    parts = list(Participant.objects.standing(at).filter(ticket=ticket, user=user).values_list("proxy_id", flat=True))
    if user.is_admin or None in parts:
        return None
    approvers = Participant.objects.filter(ticket=ticket, kind=Participant.Kind.APPROVER).values("user")
    held = Proxy.objects.active(at).covering(ticket.template_version.template.key)
    mine = Proxy.objects.filter(Q(pk__in=parts) | Q(pk__in=held.filter(agent=user, principal__in=approvers)))
    return mine.order_by("-ends_at").values_list("pk", flat=True).first()


def titles_open_to(user: User, numbers: Collection[str]) -> Collection[str]:
    """The tickets among these whose titles this person may read elsewhere; no statement for an empty list."""
    if user.is_admin or not numbers:
        return numbers
    own = Participant.objects.standing(timezone.now()).filter(user=user, ticket__number__in=numbers)
    return set(own.values_list("ticket__number", flat=True))


def operated_tickets(user: User) -> QuerySet[Ticket]:
    """The tickets with automations, if this person may operate automation; else none."""
    if not has_permission(user, OPERATE):
        return Ticket.objects.none()
    return Ticket.objects.filter(Exists(NodeVisit.objects.filter(ticket=OuterRef("pk"), type="automation")))


def takes_part(user: User, ticket: Ticket, at: datetime) -> bool:
    """Whether this person sees this ticket other than as an operator."""
    return visible_tickets(user, at).filter(pk=ticket.pk).exists()


def may_see(user: User, ticket: Ticket, at: datetime) -> bool:
    """Whether this person may see this ticket."""
    return takes_part(user, ticket, at) or operated_tickets(user).filter(pk=ticket.pk).exists()


def get_visible(user: User, number: str, at: datetime, held: Iterable[Proxy] | None = None) -> Ticket:
    """This ticket. Raises NotFound if it does not exist or this person may not see it."""
    ticket = _find(visible_tickets(user, at, held), number) or _find(operated_tickets(user), number)
    if ticket is None:
        raise NotFound
    return ticket


def seen_among(user: User, numbers: Iterable[str], at: datetime) -> set[str]:
    """The numbers of those of these tickets that this person may see."""
    asked = list(numbers)
    mine = visible_tickets(user, at).filter(number__in=asked).values_list("number", flat=True)
    return (
        {*mine, *operated_tickets(user).filter(number__in=asked).values_list("number", flat=True)} if asked else set()
    )


def _find(tickets: QuerySet[Ticket], number: str) -> Ticket | None:
    return tickets.select_related("applicant", "department").filter(number=number).first()
