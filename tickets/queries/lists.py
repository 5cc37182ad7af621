"""Lists of tickets: every box by the keyset of the ticket's id, newest first, in a fixed number of statements.

A box's own index finds the page (pending tasks of a person, tickets of an applicant, …), so that its cost depends
on the page, never on how many tickets exist.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Proxy, User
from config.paging import Page
from templates_engine.program import load
from tickets.models import ApprovalTask, Participant, Ticket
from tickets.queries.moved import HAS_MOVED, has_moved
from tickets.queries.stuck import stuck_tickets
from tickets.queries.visible import held_by, visible_tickets
from tickets.queries.waiting import Asked, my_tasks, waiting
from tickets.states import TaskState, TicketState

COLUMNS = (
    "id", "number", "title", "state", "priority", "version", "created_at", "submitted_at", "finished_at",
    "applicant__username", "applicant__name", "department__key", "template_version_id", "content__digest",
)  # fmt: skip


FILTERS = {
    "state": "state",
    "template": "template_version__template__key",
    "applicant": "applicant__username",
    "priority": "priority",
}


def seats_of(user: User, proxies: Iterable[Proxy]) -> Q:
    """Tasks this person may decide: their own, and those of principals within each proxy's templates.

    As a proxy nobody approves what he himself asks for or has changed (I3): rights.decides_about_himself, here for
    rows, nor sits where he has moved seats (I11); COUNTS and waiting.my_tasks say it too.
    """
    seats = Q(assignee=user)
    moved = Q(has_moved(user))
    his = Q(ticket__applicant=user) | Q(ticket__content__facts__contains={"editors": [user.pk]})
    for proxy in proxies:
        scope = Q(assignee_id=proxy.principal_id) & ~(Q(visit__type="approval") & his) & ~moved
        if proxy.templates is not None:
            scope &= Q(ticket__template_version__template__key__in=proxy.templates)
        seats |= scope
    return seats


def _todo(user: User, held: list[Proxy], _at: datetime) -> QuerySet[Any]:
    return ApprovalTask.objects.filter(seats_of(user, held), state=TaskState.PENDING)


def _to_mend(user: User, page: Page | None = None) -> QuerySet[Any]:
    """The ids of the tickets that came back to this person, who is to mend them or take them back."""
    returned = Ticket.objects.filter(applicant=user, state=TicketState.RETURNED).order_by()
    if page is None:
        return returned.values("id")
    if page.after is not None:
        returned = returned.filter(pk__lt=page.after)
    return returned.order_by("-id").values("id")[: page.limit + 1]


def _done(user: User, _held: list[Proxy], at: datetime) -> QuerySet[Any]:
    """Who decides takes part, and sees it for ever; an administrator who did without sees it as long as he is one."""
    decided = ApprovalTask.objects.filter(decided_by=user)
    if user.is_admin:
        return decided
    return decided.filter(Exists(Participant.objects.standing(at).filter(ticket=OuterRef("ticket"), user=user)))


def _cc(user: User, _held: list[Proxy], at: datetime) -> QuerySet[Any]:
    return Participant.objects.standing(at).filter(user=user, kind=Participant.Kind.CC)


# Boxes whose tickets another table names; the others are conditions on the ticket itself.
NAMED_BY = {"todo": _todo, "done": _done, "cc": _cc}
BOXES = ("todo", "done", "mine", "cc", "all")
SEATED = ("todo", "all")  # where somebody finds what he decides for others, too


def ticket_list(user: User, box: str, filters: dict[str, Any], page: Page, at: datetime) -> dict[str, Any]:
    """{results, next} of one box: the proxies (where seats are asked), the page, who is waited for."""
    held = held_by(user, at) if box in SEATED else []
    tickets = _narrowed(_in_box(user, box, held, filters=filters, page=page, at=at), filters)
    if page.after is not None:
        tickets = tickets.filter(pk__lt=page.after)
    rows = list(tickets.order_by("-id").values(*COLUMNS)[: page.limit + 1])
    asked = waiting([row["id"] for row in rows[: page.limit]], user, held)
    answer = page.answer(rows, lambda row: row["id"])
    answer["results"] = [_row(row, asked.get(row["id"], []), user, held) for row in answer["results"]]
    return answer


def _in_box(
    user: User, box: str, held: list[Proxy], *, filters: dict[str, Any], page: Page, at: datetime
) -> QuerySet[Ticket]:
    """The tickets of a box. Where nothing else is asked, the naming table's own index already cuts the page."""
    if box == "mine":
        return Ticket.objects.filter(applicant=user)
    if box == "all":
        return visible_tickets(user, at, held)
    naming = NAMED_BY[box](user, held, at)
    if filters:
        return Ticket.objects.filter(pk__in=_and_to_mend(box, naming.values("ticket_id"), user))
    if page.after is not None:
        naming = naming.filter(ticket_id__lt=page.after)
    named = naming.order_by("-ticket_id").values("ticket_id").distinct()[: page.limit + 1]
    return Ticket.objects.filter(pk__in=_and_to_mend(box, named, user, page))


def _and_to_mend(box: str, named: QuerySet[Any], user: User, page: Page | None = None) -> QuerySet[Any]:
    """My turn is more than what I decide: what came back to me waits for me as well."""
    return named.union(_to_mend(user, page)) if box == "todo" else named


def _narrowed(tickets: QuerySet[Ticket], filters: dict[str, Any]) -> QuerySet[Ticket]:
    """The tickets that fit these filters."""
    tickets = tickets.filter(**{FILTERS[key]: value for key, value in filters.items() if key in FILTERS})
    if "q" in filters:
        tickets = tickets.filter(Q(number__icontains=filters["q"]) | Q(title__icontains=filters["q"]))
    if "created_from" in filters:
        tickets = tickets.filter(created_at__gte=filters["created_from"])
    if "created_to" in filters:
        tickets = tickets.filter(created_at__lt=filters["created_to"])
    return stuck_tickets(tickets) if "stuck" in filters else tickets


def _row(row: dict[str, Any], asked: list[Asked], user: User, held: list[Proxy]) -> dict[str, Any]:
    program = load(row["template_version_id"])
    nodes = program.nodes
    return {
        "number": row["number"],
        "title": row["title"],
        "template": {
            "key": program.key,
            "version": program.version,
            "name": program.document["name"],
        },
        "state": row["state"],
        "applicant": row["applicant__username"],
        "applicant_name": row["applicant__name"],
        "department": row["department__key"],
        "priority": row["priority"],
        "version": row["version"],
        "created_at": row["created_at"],
        "submitted_at": row["submitted_at"],
        "finished_at": row["finished_at"],
        "waiting_for": [
            {
                "username": task.username,
                "name": task.name,
                "node_name": nodes[task.node]["name"],
                "since": task.created_at,
                "due_at": task.due_at,
            }
            for task in asked
        ],
        "my_tasks": my_tasks(asked, row, program, user, held),
    }


COUNTS = f"""
SELECT
    (SELECT count(*) FROM (
        SELECT task.ticket_id FROM tickets_approvaltask task
        WHERE task.state = 'pending' AND task.assignee_id = %(user)s
        UNION
        SELECT task.ticket_id FROM accounts_proxy proxy
        JOIN accounts_user agent ON agent.id = proxy.agent_id AND agent.is_active
        JOIN accounts_user principal ON principal.id = proxy.principal_id AND principal.is_active
        JOIN tickets_approvaltask task ON task.assignee_id = proxy.principal_id AND task.state = 'pending'
        JOIN tickets_nodevisit visit ON visit.id = task.visit_id
        JOIN tickets_ticket ticket ON ticket.id = task.ticket_id
        JOIN tickets_contentversion content ON content.id = ticket.content_id
        JOIN templates_engine_templateversion version ON version.id = ticket.template_version_id
        JOIN templates_engine_template template ON template.id = version.template_id
        WHERE proxy.agent_id = %(user)s AND proxy.revoked_at IS NULL
          AND proxy.starts_at <= %(at)s AND proxy.ends_at > %(at)s
          AND NOT EXISTS (
              SELECT 1 FROM accounts_adminevent act
              WHERE act.about = 'proxy:' || proxy.id AND act.actor_id = proxy.agent_id
          )
          AND (proxy.templates IS NULL OR template.key = ANY(proxy.templates))
          AND NOT (visit.type = 'approval' AND (
              ticket.applicant_id = %(user)s
              OR content.facts @> jsonb_build_object('editors', jsonb_build_array(%(user)s::bigint))
          ))
          AND NOT {HAS_MOVED}
        UNION
        SELECT id FROM tickets_ticket WHERE applicant_id = %(user)s AND state = 'returned'
    ) AS todo),
    (SELECT count(*) FROM tickets_ticket WHERE applicant_id = %(user)s AND finished_at IS NULL),
    (SELECT count(*) FROM tickets_participant part WHERE user_id = %(user)s AND kind = 'cc' AND seen_at IS NULL
        AND (part.proxy_id IS NULL OR EXISTS (
            SELECT 1 FROM accounts_proxy proxy
            JOIN accounts_user agent ON agent.id = proxy.agent_id AND agent.is_active
            JOIN accounts_user principal ON principal.id = proxy.principal_id AND principal.is_active
            WHERE proxy.id = part.proxy_id AND proxy.revoked_at IS NULL
              AND proxy.starts_at <= %(at)s AND proxy.ends_at > %(at)s
        )))
"""  # noqa: S608 (a constant is put in)


def counts(user: User, at: datetime) -> dict[str, int]:
    """{todo, mine, cc}: tickets that wait for me (to decide, or to mend what was returned), my open tickets, copies I
    have not looked at. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, {"user": user.pk, "at": at})
        todo, mine, cc = cursor.fetchone()
    return {"todo": todo, "mine": mine, "cc": cc}
