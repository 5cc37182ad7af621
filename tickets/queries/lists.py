"""Lists of tickets: each box is paged by ticket id (keyset), newest first, in a fixed number of statements.

Each box has its own index to find the page (pending tasks of a person, tickets of an applicant, …), so the cost
depends on the page and not on the number of tickets.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.fragments import Fragment, read
from accounts.models import Proxy, User
from common.paging import Page
from templates_engine.store.programs import load
from tickets.models import ApprovalTask, Participant, Ticket
from tickets.queries.my_turn import my_turn
from tickets.queries.my_turn import rows as my_rows
from tickets.queries.standing_in import is_barred
from tickets.queries.stuck import stuck_tickets
from tickets.queries.visible import held_by_caller, visible_tickets
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
    """Condition for tasks this person may decide: their own, and those of principals within each proxy's templates.

    See standing_in for what a proxy may not decide.
    """
    seats = Q(assignee=user)
    barred = Q(is_barred(user))
    for proxy in proxies:
        scope = Q(assignee_id=proxy.principal_id) & ~barred
        if proxy.templates is not None:
            scope &= Q(ticket__template_version__template__key__in=proxy.templates)
        seats |= scope
    return seats


def _todo(user: User, held: list[Proxy], _at: datetime) -> QuerySet[Any]:
    return ApprovalTask.objects.filter(seats_of(user, held), state=TaskState.PENDING)


def _returned(user: User) -> QuerySet[Any]:
    """The ids of this person's returned tickets, which they should correct or withdraw."""
    return Ticket.objects.filter(applicant=user, state=TicketState.RETURNED).order_by().values("id")


def _done(user: User, _held: list[Proxy], at: datetime) -> QuerySet[Any]:
    """Deciders stay participants and keep access; administrators who decided see it only while administrators."""
    decided = ApprovalTask.objects.filter(decided_by=user)
    if user.is_admin:
        return decided
    return decided.filter(Exists(Participant.objects.standing(at).filter(ticket=OuterRef("ticket"), user=user)))


def _cc(user: User, _held: list[Proxy], at: datetime) -> QuerySet[Any]:
    return Participant.objects.standing(at).filter(user=user, kind=Participant.Kind.CC)


# Boxes defined by another table; the others are conditions on the ticket itself.
NAMED_BY = {"todo": _todo, "done": _done, "cc": _cc}
BOXES = ("todo", "done", "mine", "cc", "all")
SEATED = ("todo", "all")  # boxes that include decisions for others


def beside(box: str, filters: dict[str, Any], page: Page, at: datetime) -> Fragment | None:
    """What can be read together with the caller: the page of `todo` without filters, which is opened most."""
    return my_turn(page, at) if box == "todo" and not filters else None


def ticket_list(
    user: User, box: str, filters: dict[str, Any], page: Page, at: datetime, *, found: Any = None
) -> dict[str, Any]:
    """{results, next} of one box. Statements: the proxies (if needed), the page, the pending tasks.

    found: the value of the fragment `beside` for this user, if it has been read already.
    """
    held = held_by_caller(user, at) if box in SEATED else []
    if fragment := beside(box, filters, page, at):
        rows = my_rows(read(fragment, user) if found is None else found)
    else:
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
    """The tickets of a box. Without filters the page is cut on the index of the box's own table."""
    if box == "mine":
        return Ticket.objects.filter(applicant=user)
    if box == "all":
        return visible_tickets(user, at, held)
    naming = NAMED_BY[box](user, held, at)
    if filters:
        named = naming.values("ticket_id")
        return Ticket.objects.filter(pk__in=named.union(_returned(user)) if box == "todo" else named)
    if page.after is not None:
        naming = naming.filter(ticket_id__lt=page.after)
    return Ticket.objects.filter(pk__in=naming.order_by("-ticket_id").values("ticket_id").distinct()[: page.limit + 1])


def _narrowed(tickets: QuerySet[Ticket], filters: dict[str, Any]) -> QuerySet[Ticket]:
    """The tickets that match these filters."""
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
