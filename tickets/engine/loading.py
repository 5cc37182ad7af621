"""Read tickets' rows: contents, visits and tasks in one statement, for any number of tickets.

For a locked ticket, lock and read are two statements on purpose: a transaction that has waited for the lock must not
see rows from before the other transaction's commit. Jobs of its sub-tickets are not asked for: a command looks at them
under the sub-tickets' own locks (commands/closing.py).
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

import orjson
from django.db.models import DateTimeField, Model
from django.db.models.base import ModelState
from django_fsm import ConcurrentTransitionMixin

from accounts.models import Department, User
from accounts.organisation.people import KNOWING, Person
from common.prepared import in_one_trip, prepared
from tickets.models import ApprovalTask, ContentVersion, NodeVisit, Ticket

Rows = tuple[list[NodeVisit], list[ApprovalTask]]
ROWS = """
WITH ticket AS (SELECT t.* FROM tickets_ticket t WHERE t.id = ANY(%(tickets)s)),
     task AS (SELECT k.* FROM tickets_approvaltask k WHERE k.ticket_id = ANY(%(tickets)s))
SELECT jsonb_build_object(
    'now', clock_timestamp(),
    'tickets', (SELECT jsonb_agg(to_jsonb(ticket)) FROM ticket WHERE %(whole)s),
    'departments', (
        SELECT jsonb_agg(jsonb_build_object('id', d.id, 'key', d.key))
        FROM accounts_department d JOIN ticket ON ticket.department_id = d.id WHERE %(whole)s
    ),
    'with_files', (
        SELECT jsonb_agg(DISTINCT a.ticket_id) FROM tickets_attachment a
        WHERE %(whole)s AND a.ticket_id = ANY(%(tickets)s)
    ),
    'contents', (SELECT jsonb_agg(to_jsonb(c)) FROM tickets_contentversion c JOIN ticket ON ticket.content_id = c.id),
    'visits', (
        SELECT jsonb_agg(to_jsonb(v) ORDER BY v.id) FROM tickets_nodevisit v WHERE v.ticket_id = ANY(%(tickets)s)
    ),
    'running_below', (
        SELECT jsonb_agg(v.id) FROM tickets_nodevisit v
        WHERE v.ticket_id = ANY(%(tickets)s) AND v.type = 'subticket' AND NOT %(whole)s AND EXISTS (
            WITH RECURSIVE below AS (
                SELECT c.id FROM tickets_ticket c WHERE c.parent_visit_id = v.id
                UNION ALL SELECT c.id FROM tickets_ticket c JOIN below ON c.parent_id = below.id
            )
            SELECT 1 FROM below JOIN tickets_nodevisit job ON job.ticket_id = below.id
            WHERE job.type = 'automation' AND job.state = 'open' AND job.started_at IS NOT NULL
              AND job.outcome NOT IN ('failed', 'rerun', 'resumed')
        )
    ),
    'tasks', (SELECT jsonb_agg(to_jsonb(task) ORDER BY task.id) FROM task),
    'people', (
        SELECT jsonb_agg(jsonb_build_object('id', u.id, 'username', u.username, 'name', u.name,
                                            'is_active', u.is_active, 'is_admin', u.is_admin,
                                            'department_id', u.department_id))
        FROM accounts_user u WHERE u.id IN (
            SELECT assignee_id FROM task UNION SELECT decided_by_id FROM task UNION SELECT applicant_id FROM ticket
        )
    )
)
"""
AS_TEXT = f"SELECT ({ROWS})::text"
AND_KNOWN = f"SELECT jsonb_build_object('rows', ({ROWS}), 'known', {KNOWING})::text"
LOCKS = {
    "number": "SELECT id FROM tickets_ticket WHERE number = %s FOR UPDATE",
    "task": """SELECT t.id FROM tickets_ticket t JOIN tickets_approvaltask k ON k.ticket_id = t.id
               WHERE k.id = %s FOR UPDATE OF t""",
    "visit": """SELECT t.id FROM tickets_ticket t JOIN tickets_nodevisit v ON v.ticket_id = t.id
                WHERE v.id = %s FOR UPDATE OF t""",
}
LOCK_FREE = "SELECT id FROM tickets_ticket WHERE id = ANY(%(tickets)s) ORDER BY id FOR UPDATE SKIP LOCKED"


Locked = tuple[datetime, Ticket, list[NodeVisit], list[ApprovalTask]]


def load_locked(by: str, value: str | int) -> Locked | None:
    """Lock the ticket of this number, task or visit, then read everything of it. Returns None if there is none.

    The first value is the database's time, taken after the lock.
    """
    with prepared() as cursor:
        cursor.execute(LOCKS[by], [value])
        row = cursor.fetchone()
    return None if row is None else unfolded(_read([row[0]], whole=True))[row[0]]


def load_foretold(
    task_id: int, ticket_id: int, asked: dict[str, list[Any]]
) -> tuple[Locked, dict[str, Any]] | None:  # fmt: skip
    """The same for the ticket of a task whose id is known, in one trip, with what is asked of the organisation.

    Still two statements: the second one begins when the first one has the lock. Returns the answers to KNOWING as well.
    """
    values = {"tickets": [ticket_id], "whole": True, **asked}
    locked, read = in_one_trip((LOCKS["task"], [task_id]), (AND_KNOWN, values))
    if locked is None or locked[0] != ticket_id:
        return None
    found = orjson.loads(read[0])
    return unfolded(found["rows"])[ticket_id], found["known"]


def lock_free(ticket_ids: Iterable[int]) -> list[int]:
    """Lock those of these tickets that nobody has locked; returns their ids. It waits for nobody."""
    with prepared() as cursor:
        cursor.execute(LOCK_FREE, {"tickets": list(ticket_ids)})
        return [row[0] for row in cursor.fetchall()]


def load_free(ticket_ids: Iterable[int]) -> dict[int, Locked]:
    """Like load_locked for several tickets, without those that somebody else has locked: id → what was read."""
    locked = lock_free(ticket_ids)
    return unfolded(_read(locked, whole=True)) if locked else {}


def unfolded(found: dict[str, Any]) -> dict[int, Locked]:
    """Ticket id → what was read of it, from the value of ROWS read whole."""
    people = {person["id"]: person for person in found["people"]}
    departments = {department["id"]: department for department in found["departments"] or []}
    tickets = [row_of(Ticket, row) for row in found["tickets"]]
    for ticket in tickets:
        ticket.applicant = _stored(User(**people[ticket.applicant_id]))
        ticket.has_files = ticket.pk in (found["with_files"] or ())
        if ticket.department_id in departments:
            ticket.department = _stored(Department(**departments[ticket.department_id]))
    now, rows = datetime.fromisoformat(found["now"]), _rows(tickets, found)
    return {ticket.pk: (now, ticket, *rows[ticket.pk]) for ticket in tickets}


def load_rows(ticket: Ticket) -> Rows:
    """(visits, tasks) of a ticket, oldest first; sets `ticket.content`, and which jobs of sub-tickets run."""
    return load_all([ticket])[ticket.pk]


def load_all(tickets: Iterable[Ticket]) -> dict[int, Rows]:
    """Ticket id → (visits, tasks), for several tickets; sets their contents."""
    tickets = list(tickets)
    return _rows(tickets, _read([ticket.pk for ticket in tickets], whole=False))


def _read(ticket_ids: list[int], *, whole: bool) -> dict[str, Any]:
    with prepared() as cursor:
        cursor.execute(AS_TEXT, {"tickets": ticket_ids, "whole": whole})
        return orjson.loads(cursor.fetchone()[0])


def _rows(tickets: Iterable[Ticket], found: dict[str, Any]) -> dict[int, Rows]:
    by_id = {ticket.pk: ticket for ticket in tickets}
    people = {row["id"]: _stored(User(**row)) for row in found["people"] or []}
    for row in found["contents"] or []:
        content = row_of(ContentVersion, row)
        content.ticket = by_id[content.ticket_id]
        by_id[content.ticket_id].content = content
    visits = [row_of(NodeVisit, row) for row in found["visits"] or []]
    for visit in visits:
        visit.runs_below = visit.pk in (found["running_below"] or ())
    tasks = [row_of(ApprovalTask, row) for row in found["tasks"] or []]
    _connect(by_id, visits, tasks, people)
    rows: defaultdict[int, Rows] = defaultdict(lambda: ([], []))
    for visit in visits:
        rows[visit.ticket_id][0].append(visit)
    for task in tasks:
        rows[task.ticket_id][1].append(task)
    return rows


def _connect(
    tickets: dict[int, Ticket], visits: list[NodeVisit], tasks: list[ApprovalTask], people: dict[int, User]
) -> None:
    """Set the relations between the rows as objects."""
    visit_of = {visit.pk: visit for visit in visits}
    task_of = {task.pk: task for task in tasks}
    for visit in visits:
        visit.ticket = tickets[visit.ticket_id]
    for task in tasks:
        task.ticket, task.visit = tickets[task.ticket_id], visit_of[task.visit_id]
        task.assignee = people[task.assignee_id]
        if task.decided_by_id is not None:
            task.decided_by = people[task.decided_by_id]
        if task.added_to_id is not None:
            task.added_to = task_of[task.added_to_id]


def stand_in(person: Person) -> User:
    """A user object for a person of the organisation, without another query."""
    return _stored(User(id=person.id, username=person.username, name=person.name, department_id=person.department_id))


def row_of(model: type[Model], values: dict[str, Any]) -> Any:
    """A row as the ORM would read it; columns unknown to this code version are ignored (F15).

    It is made without the own __init__ of the model, which sets the same in three times the time.
    """
    known, times = _columns(model)
    row = model.__new__(model)
    row.__dict__.update({name: value for name, value in values.items() if name in known})
    for name in times & row.__dict__.keys():
        if row.__dict__[name] is not None:
            row.__dict__[name] = datetime.fromisoformat(row.__dict__[name])
    row._state = ModelState()
    if isinstance(row, ConcurrentTransitionMixin):
        row._update_initial_state()
    return _stored(row)


@cache
def _columns(model: type[Model]) -> tuple[frozenset[str], frozenset[str]]:
    """The known columns of a table, and those of them that hold datetimes."""
    fields = model._meta.concrete_fields
    times = (field.attname for field in fields if isinstance(field, DateTimeField))
    return frozenset(field.attname for field in fields), frozenset(times)


def _stored(row: Any) -> Any:
    """Mark a row as already stored in the database."""
    row._state.adding = False
    row._state.db = "default"
    return row
