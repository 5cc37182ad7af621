"""Who may see a ticket: participants, the proxies of its approvers, administrators (I23).

Operators also see tickets with automations that run or have run: they are notified of failures, and rerun, cancel and
resolve jobs. They may open and comment on such a ticket, but it is not in their lists, and hidden fields stay hidden.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from accounts.fragments import Fragment, read
from accounts.models import Department, Proxy, User
from accounts.models.proxy import ACTIVE
from accounts.permissions import OPERATE, has_permission
from common.prepared import selected
from tickets.engine.loading import row_of
from tickets.errors import NotFound
from tickets.models import NodeVisit, Participant, Ticket
from tickets.models.participant import STANDING

# The parts through which a person sees tickets: their own, and those of the approvers whose proxy they are. `u` is the
# person, `part` the participant, %(at)s the moment.
OWN_PARTS = f"tickets_participant part WHERE part.user_id = u.id AND {STANDING}"
PARTS_OF_OTHERS = f"""accounts_proxy proxy
JOIN tickets_participant part ON part.user_id = proxy.principal_id AND part.kind = 'approver'
WHERE proxy.agent_id = u.id AND {ACTIVE} AND (proxy.templates IS NULL OR (
    SELECT template.key FROM tickets_ticket its
    JOIN templates_engine_templateversion version ON version.id = its.template_version_id
    JOIN templates_engine_template template ON template.id = version.template_id WHERE its.id = part.ticket_id
) = ANY(proxy.templates))"""  # noqa: S608 (a constant is put in)
# Whether `u` sees `ticket` other than as an operator, and whether it runs something, which operators see.
SEES = f"""(
    EXISTS (SELECT 1 FROM {OWN_PARTS} AND part.ticket_id = ticket.id) OR CASE
        WHEN u.is_admin THEN ticket.submitted_at IS NOT NULL
        ELSE EXISTS (SELECT 1 FROM {PARTS_OF_OTHERS} AND part.ticket_id = ticket.id)
    END
)"""  # noqa: S608 (constants of this file)
RUNS = "EXISTS (SELECT 1 FROM tickets_nodevisit run WHERE run.ticket_id = ticket.id AND run.type = 'automation')"
FOUND = f"""
SELECT jsonb_build_object('sees', {SEES}, 'ticket', to_jsonb(ticket), 'applicant', to_jsonb(applicant),
                          'department', to_jsonb(department))
FROM tickets_ticket ticket JOIN accounts_user applicant ON applicant.id = ticket.applicant_id
LEFT JOIN accounts_department department ON department.id = ticket.department_id
WHERE ticket.number = %(number)s AND ({SEES} OR {RUNS})
"""  # noqa: S608 (constants of this file)


def held_by(user: User, at: datetime) -> list[Proxy]:
    """The proxies this person holds now."""
    return list(Proxy.objects.active(at).filter(agent=user))


def held_by_caller(user: User, at: datetime) -> list[Proxy]:
    """The same for pages: what was read with the session of this request counts. Commands ask again, under the lock."""
    return held_by(user, at) if user.held is None else user.held


def seats_for(user: User, held: Iterable[Proxy], template: str) -> set[int]:
    """Ids of the people whose tasks this person may decide on tickets of this template: themselves and principals."""
    return {user.pk, *(proxy.principal_id for proxy in held if proxy.covers(template))}


def visible_tickets(user: User, at: datetime) -> QuerySet[Ticket]:
    """All tickets that this person sees as a participant, administrator or proxy, as SEES says of one.

    Tickets that were never submitted are visible only to their owner and to people the owner has added.
    """
    own = f"SELECT part.ticket_id FROM {OWN_PARTS}"  # noqa: S608 (constants of this file)
    if user.is_admin:
        return Ticket.objects.filter(Q(submitted_at__isnull=False) | Q(pk__in=_of(own, user, at)))
    others = f"SELECT part.ticket_id FROM {PARTS_OF_OTHERS}"  # noqa: S608 (constants of this file)
    return Ticket.objects.filter(pk__in=_of(f"{own} UNION ALL {others}", user, at))


def _of(text: str, user: User, at: datetime) -> RawSQL:
    return selected(text.replace("u.id", "%(user)s"), {"user": user.pk, "at": at})


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
    text = f"SELECT to_jsonb({SEES}) FROM tickets_ticket ticket WHERE ticket.id = %(ticket)s"  # noqa: S608 (constants)
    return bool(read(Fragment(text, {"ticket": ticket.pk, "at": at}), user))


def may_see(user: User, ticket: Ticket, at: datetime) -> bool:
    """Whether this person may see this ticket."""
    return takes_part(user, ticket, at) or operated_tickets(user).filter(pk=ticket.pk).exists()


def get_visible(user: User, number: str, at: datetime) -> Ticket:
    """This ticket. Raises NotFound if it does not exist or this person may not see it. One statement."""
    return seen(user, read(finding(number, at), user))


def finding(number: str, at: datetime) -> Fragment:
    """{sees, ticket, applicant, department} of this ticket, as rows; null if there is none or nobody but its
    participants sees it.
    """
    return Fragment(FOUND, {"number": number, "at": at})


def require_seen(user: User, found: dict[str, Any] | None) -> dict[str, Any]:
    """What was found of a ticket, if this person sees it: `sees`, or they are an operator. Else raises NotFound."""
    if found is None or not (found["sees"] or has_permission(user, OPERATE)):
        raise NotFound
    return found


def seen(user: User, found: dict[str, Any] | None) -> Ticket:
    """The ticket of `finding`, with its applicant and department. Raises NotFound."""
    found = require_seen(user, found)
    ticket: Ticket = row_of(Ticket, found["ticket"])
    ticket.applicant = row_of(User, found["applicant"])
    ticket.department = row_of(Department, found["department"]) if found["department"] else None
    return ticket


def seen_among(user: User, numbers: Iterable[str], at: datetime) -> set[str]:
    """The numbers of those of these tickets that this person may see."""
    asked = list(numbers)
    mine = visible_tickets(user, at).filter(number__in=asked).values_list("number", flat=True)
    return (
        {*mine, *operated_tickets(user).filter(number__in=asked).values_list("number", flat=True)} if asked else set()
    )
