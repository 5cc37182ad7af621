"""Lists of tickets: each box is paged by ticket id (keyset), newest first, in one statement.

The cost depends on the page, not on the number of tickets; see boxes.
"""

from datetime import datetime
from typing import Any

from accounts.fragments import Fragment, read
from accounts.models import Proxy, User
from common.paging import MAX_LIMIT, Page
from templates_engine.store.programs import load
from tickets.models import Ticket
from tickets.queries import filters as filtering
from tickets.queries.boxes import BOXES as KINDS
from tickets.queries.boxes import EVERYTHING, named
from tickets.queries.stuck import stuck_tickets
from tickets.queries.visible import held_by_caller
from tickets.queries.waiting import ASKED, SEATS, Asked, my_tasks

BOXES = tuple(KINDS)
SEATED = ("todo", "all")  # boxes that include decisions for others
SIZES = (20, 50, MAX_LIMIT)  # each has statements of its own: PostgreSQL plans a LIMIT that is a parameter every time
PAGE = f"""
SELECT coalesce(jsonb_agg(to_jsonb(line) ORDER BY line.id DESC), '[]') FROM (
    SELECT ticket.id, ticket.number, ticket.title, ticket.state, ticket.priority, ticket.version, ticket.created_at,
           ticket.submitted_at, ticket.finished_at, ticket.template_version_id, applicant.username AS applicant,
           applicant.name AS applicant_name, department.key AS department, content.digest, {ASKED} AS asked
    FROM ({{named}}) AS named
    JOIN tickets_ticket ticket ON ticket.id = named.id
    JOIN accounts_user applicant ON applicant.id = ticket.applicant_id
    LEFT JOIN accounts_department department ON department.id = ticket.department_id
    LEFT JOIN tickets_contentversion content ON content.id = ticket.content_id
    CROSS JOIN ({SEATS}) AS seats
) AS line
"""  # noqa: S608 (constants only)
TIMES = ("created_at", "submitted_at", "finished_at")


def beside(box: str, filters: dict[str, Any], page: Page, at: datetime) -> Fragment | None:
    """What is read together with the caller: the page. Not for `stuck`, which asks before, and not for strangers."""
    return None if "stuck" in filters else fragment(box, filters, page, at)


def fragment(box: str, filters: dict[str, Any], page: Page, at: datetime) -> Fragment:
    """The rows of this page, at least one more than its limit if there are."""
    if "stuck" in filters:
        filters = filters | {"stuck": [0, *stuck_tickets(Ticket.objects.all()).values_list("pk", flat=True)]}
    size = next(size for size in SIZES if size >= page.limit)
    tickets = named(box, filtering.condition(filters), size + 1)
    after = EVERYTHING if page.after is None else page.after
    return Fragment(PAGE.format(named=tickets), filtering.values(filters) | {"at": at, "after": after})


def ticket_list(
    user: User, box: str, filters: dict[str, Any], page: Page, at: datetime, *, found: Any = None
) -> dict[str, Any]:
    """{results, next} of one box. One statement; none if it has been read already, one more for `stuck`.

    found: the value of the fragment `beside` for this user, if it has been read already.
    """
    rows = read(fragment(box, filters, page, at), user) if found is None else found
    held = held_by_caller(user, at) if box in SEATED else []
    answer = page.answer(rows, lambda row: row["id"])
    answer["results"] = [_row(row, user, held) for row in answer["results"]]
    return answer


def _row(row: dict[str, Any], user: User, held: list[Proxy]) -> dict[str, Any]:
    program = load(row["template_version_id"])
    nodes = program.nodes
    asked = [Asked.of(values) for values in row["asked"] or ()]
    return {
        "number": row["number"],
        "title": row["title"],
        "template": {
            "key": program.key,
            "version": program.version,
            "name": program.document["name"],
        },
        "state": row["state"],
        "applicant": row["applicant"],
        "applicant_name": row["applicant_name"],
        "department": row["department"],
        "priority": row["priority"],
        "version": row["version"],
        **{name: row[name] and datetime.fromisoformat(row[name]) for name in TIMES},
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
