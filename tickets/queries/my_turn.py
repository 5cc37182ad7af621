"""The tickets that wait for a person, as SQL: for the number in the menu and for the page of the list.

Three kinds: decisions of their own, decisions as a proxy, and tickets returned to them. `u` is the person's row of
accounts_user, %(at)s the moment. The same with filters, by the ORM: lists.seats_of.
"""

from datetime import datetime
from typing import Any

from accounts.fragments import Fragment
from accounts.models.proxy import ACTIVE
from common.paging import Page
from tickets.queries.standing_in import BARRED

EVERYTHING = 2**63 - 1  # above every id
OWN = """
SELECT task.ticket_id AS id FROM tickets_approvaltask task
WHERE task.state = 'pending' AND task.assignee_id = u.id
"""
AS_PROXY = f"""
SELECT task.ticket_id AS id FROM accounts_proxy proxy
JOIN tickets_approvaltask task ON task.assignee_id = proxy.principal_id AND task.state = 'pending'
JOIN tickets_nodevisit visit ON visit.id = task.visit_id
JOIN tickets_ticket ticket ON ticket.id = task.ticket_id
JOIN tickets_contentversion content ON content.id = ticket.content_id
JOIN templates_engine_templateversion version ON version.id = ticket.template_version_id
JOIN templates_engine_template template ON template.id = version.template_id
WHERE proxy.agent_id = u.id AND {ACTIVE}
  AND (proxy.templates IS NULL OR template.key = ANY(proxy.templates))
  AND NOT {BARRED.replace("%(user)s", "u.id")}
"""  # noqa: S608 (constants only)
RETURNED = "SELECT task.id FROM tickets_ticket task WHERE task.applicant_id = u.id AND task.state = 'returned'"
COUNT = f"(SELECT count(*) FROM ({OWN} UNION {AS_PROXY} UNION {RETURNED}) AS todo)"  # noqa: S608
# Each kind is cut on its own index first, so the page costs the same however much waits.
KINDS = {OWN: "task.ticket_id", AS_PROXY: "task.ticket_id", RETURNED: "task.id"}
NAMED = " UNION ".join(
    f"({text.replace('SELECT ', 'SELECT DISTINCT ', 1)} AND {key} < %(after)s ORDER BY {key} DESC LIMIT {{limit}})"
    for text, key in KINDS.items()
)
PAGE = f"""
SELECT coalesce(jsonb_agg(to_jsonb(row) ORDER BY row.id DESC), '[]') FROM (
    SELECT ticket.id, ticket.number, ticket.title, ticket.state, ticket.priority, ticket.version, ticket.created_at,
           ticket.submitted_at, ticket.finished_at, ticket.template_version_id,
           applicant.username AS applicant__username, applicant.name AS applicant__name,
           department.key AS department__key, content.digest AS content__digest
    FROM ({NAMED} ORDER BY id DESC LIMIT {{limit}}) AS named
    JOIN tickets_ticket ticket ON ticket.id = named.id
    JOIN accounts_user applicant ON applicant.id = ticket.applicant_id
    LEFT JOIN accounts_department department ON department.id = ticket.department_id
    LEFT JOIN tickets_contentversion content ON content.id = ticket.content_id
) AS row
"""  # noqa: S608 (constants only)
TIMES = ("created_at", "submitted_at", "finished_at")


def my_turn(page: Page, at: datetime) -> Fragment:
    """The rows of this page of the list, one more than its limit; see `rows`."""
    after = EVERYTHING if page.after is None else page.after
    return Fragment(PAGE.format(limit=int(page.limit) + 1), {"at": at, "after": after})


def rows(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of `my_turn` with the columns of lists.COLUMNS."""
    return [row | {name: datetime.fromisoformat(row[name]) for name in TIMES if row[name]} for row in found]
