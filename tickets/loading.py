"""Reading a locked ticket's rows: content, visits and tasks in one statement, whatever their number.

The lock and this reading are two statements on purpose: whoever has waited for the lock must not see rows as they
were before the other one's commit.
"""

from datetime import datetime
from typing import Any

import orjson
from django.db import connection

from accounts.models import User
from accounts.people import Person
from tickets.models import ApprovalTask, ContentVersion, NodeVisit, Ticket

ROWS = """
SELECT jsonb_build_object(
    'content', (SELECT to_jsonb(c) FROM tickets_contentversion c WHERE c.id = %(content)s),
    'visits', (SELECT jsonb_agg(to_jsonb(v) ORDER BY v.id) FROM tickets_nodevisit v WHERE v.ticket_id = %(ticket)s),
    'tasks', (SELECT jsonb_agg(to_jsonb(t) ORDER BY t.id) FROM tickets_approvaltask t WHERE t.ticket_id = %(ticket)s),
    'people', (
        SELECT jsonb_agg(jsonb_build_object('id', u.id, 'username', u.username, 'name', u.name,
                                            'is_active', u.is_active, 'department_id', u.department_id))
        FROM accounts_user u WHERE u.id IN (
            SELECT assignee_id FROM tickets_approvaltask WHERE ticket_id = %(ticket)s
            UNION SELECT decided_by_id FROM tickets_approvaltask WHERE ticket_id = %(ticket)s
        )
    )
)::text
"""
TIMES = frozenset({"created_at", "due_at", "decided_at", "opened_at", "started_at", "closed_at"})


def load_rows(ticket: Ticket) -> tuple[list[NodeVisit], list[ApprovalTask]]:
    """(visits, tasks) of a ticket, oldest first; sets `ticket.content`."""
    with connection.cursor() as cursor:
        cursor.execute(ROWS, {"ticket": ticket.pk, "content": ticket.content_id})
        found = orjson.loads(cursor.fetchone()[0])
    people = {row["id"]: _stored(User(**row)) for row in found["people"] or []}
    if found["content"]:
        ticket.content = _row(ContentVersion, found["content"])
        ticket.content.ticket = ticket
    visits = [_row(NodeVisit, row) for row in found["visits"] or []]
    by_id = {visit.pk: visit for visit in visits}
    tasks = [_row(ApprovalTask, row) for row in found["tasks"] or []]
    task_by_id = {task.pk: task for task in tasks}
    for visit in visits:
        visit.ticket = ticket
    for task in tasks:
        task.ticket, task.visit, task.assignee = ticket, by_id[task.visit_id], people[task.assignee_id]
        if task.decided_by_id is not None:
            task.decided_by = people[task.decided_by_id]
        if task.added_to_id is not None:
            task.added_to = task_by_id[task.added_to_id]
    return visits, tasks


def stand_in(person: Person) -> User:
    """A person of today's organisation as the rows name people, without asking the database again."""
    return _stored(User(id=person.id, username=person.username, name=person.name, department_id=person.department_id))


def _row(model: type[Any], values: dict[str, Any]) -> Any:
    """A row as the ORM would have read it."""
    for name in TIMES & values.keys():
        if values[name] is not None:
            values[name] = datetime.fromisoformat(values[name])
    return _stored(model(**values))


def _stored(row: Any) -> Any:
    """Mark a row as what the database holds already."""
    row._state.adding = False
    row._state.db = "default"
    return row
