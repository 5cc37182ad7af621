"""Write a walk back in one statement, whatever has changed; hot paths have few, fixed statements.

A part of it changes rows, another inserts them, in no certain order. Where a new row takes the place of a changed one,
these are two statements: a node's next round may be inserted only after the last one is closed (visit_open_once), a
person's next task at a visit only after the last one is handed over (task_one_seat_a_person).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from common.prepared import prepared
from tickets.models import ApprovalTask, NodeVisit, Ticket
from tickets.trail.events import NewEvent

TICKET = {
    "state": "text",
    "submitted_at": "timestamptz",
    "finished_at": "timestamptz",
    "content_id": "bigint",
    "version": "int",
    "returned_from": "text",
    "reopen": "jsonb",
    "foreseen": "jsonb",
    "rating": "smallint",
    "rating_comment": "text",
    "event_seq": "int",
    "event_hash": "text",
}
NEW_TICKET = TICKET | {
    "number": "text",
    "template_version_id": "bigint",
    "title": "text",
    "applicant_id": "bigint",
    "department_id": "bigint",
    "priority": "text",
    "created_at": "timestamptz",
    "parent_id": "bigint",
    "parent_visit_id": "bigint",
}
CONTENT = {
    "id": "bigint",
    "ticket_id": "bigint",
    "number": "int",
    "form": "jsonb",
    "facts": "jsonb",
    "plans": "jsonb",
    "children": "jsonb",
    "digest": "text",
    "created_by_id": "bigint",
    "created_at": "timestamptz",
}
VISIT = {
    "state": "text",
    "outcome": "text",
    "queue": "jsonb",
    "reopen": "jsonb",
    "passed": "jsonb",
    "kept": "jsonb",
    "started_at": "timestamptz",
    "closed_at": "timestamptz",
}
NEW_VISIT = VISIT | {"node": "text", "round": "int", "type": "text", "opened_at": "timestamptz"}
TASK = {
    "state": "text",
    "decided_by_id": "bigint",
    "on_behalf_of_id": "bigint",
    "channel": "text",
    "comment": "text",
    "decided_at": "timestamptz",
    "digest": "text",
    "added_to_id": "bigint",
}
NEW_TASK = TASK | {
    "assignee_id": "bigint",
    "reason": "jsonb",
    "position": "text",
    "created_at": "timestamptz",
    "due_at": "timestamptz",
}
EVENT = {
    "seq": "int",
    "at": "timestamptz",
    "kind": "text",
    "actor_id": "bigint",
    "on_behalf_of_id": "bigint",
    "data": "jsonb",
    "hash": "text",
}


def _names(columns: Iterable[str], prefix: str = "") -> str:
    return ", ".join(f'{prefix}"{column}"' for column in columns)


def _record(columns: dict[str, str]) -> str:
    return ", ".join(f'"{name}" {kind}' for name, kind in columns.items())


def _assigned(columns: Iterable[str]) -> str:
    return ", ".join(f'"{column}" = n."{column}"' for column in columns)


# All names in these statements are constants of this file.
CHANGED = f"""changed_visits AS (
    UPDATE tickets_nodevisit r SET {_assigned(VISIT)}
    FROM jsonb_to_recordset(%(changed_visits)s::jsonb) AS n (id bigint, {_record(VISIT)}) WHERE r.id = n.id
), changed_tasks AS (
    UPDATE tickets_approvaltask r SET {_assigned(TASK)}
    FROM jsonb_to_recordset(%(changed_tasks)s::jsonb) AS n (id bigint, {_record(TASK)}) WHERE r.id = n.id
), changed_ticket AS (
    UPDATE tickets_ticket r SET {_assigned(TICKET)}
    FROM jsonb_to_record(%(ticket)s::jsonb) AS n ({_record(TICKET)}) WHERE r.id = %(ticket_id)s
)"""  # noqa: S608
UPDATE = f"WITH {CHANGED} SELECT"
ROWS = f"""visits AS (
    INSERT INTO tickets_nodevisit (ticket_id, {_names(NEW_VISIT)})
    SELECT %(ticket_id)s, {_names(NEW_VISIT, "n.")}
    FROM jsonb_to_recordset(%(visits)s::jsonb) AS n (at int, {_record(NEW_VISIT)}) ORDER BY n.at
    RETURNING id, node, round
), tasks AS (
    INSERT INTO tickets_approvaltask (ticket_id, visit_id, {_names(NEW_TASK)})
    SELECT %(ticket_id)s, COALESCE(n.visit_id, visits.id), {_names(NEW_TASK, "n.")}
    FROM jsonb_to_recordset(%(tasks)s::jsonb) AS n (at int, visit_id bigint, node text, round int, {_record(NEW_TASK)})
    LEFT JOIN visits ON visits.node = n.node AND visits.round = n.round ORDER BY n.at
    RETURNING id, visit_id, assignee_id
), participants AS (
    INSERT INTO tickets_participant AS r (ticket_id, user_id, kind, proxy_id)
    SELECT %(ticket_id)s, n.user_id, n.kind, n.proxy_id
    FROM jsonb_to_recordset(%(participants)s::jsonb) AS n (user_id bigint, kind text, proxy_id bigint)
    ON CONFLICT (ticket_id, user_id, kind) DO UPDATE SET proxy_id = excluded.proxy_id WHERE r.proxy_id IS NOT NULL
), timers AS (
    INSERT INTO tickets_timer (visit_id, kind, due_at)
    SELECT COALESCE(n.visit_id, visits.id), n.kind, n.due_at
    FROM jsonb_to_recordset(%(timers)s::jsonb)
        AS n (visit_id bigint, node text, round int, kind text, due_at timestamptz)
    LEFT JOIN visits ON visits.node = n.node AND visits.round = n.round
    ON CONFLICT DO NOTHING
), events AS (
    INSERT INTO tickets_event (ticket_id, {_names(EVENT)})
    SELECT %(ticket_id)s, {_names(EVENT, "n.")}
    FROM jsonb_to_recordset(%(events)s::jsonb) AS n ({_record(EVENT)}) ORDER BY n.seq
    RETURNING id
), outbox AS (
    INSERT INTO tickets_outbox (event_id, attempts) SELECT id, 0 FROM events
)
SELECT COALESCE((SELECT jsonb_agg(jsonb_build_array(node, round, id)) FROM visits), '[]')::text,
       COALESCE((SELECT jsonb_agg(jsonb_build_array(visit_id, assignee_id, id)) FROM tasks), '[]')::text
"""  # noqa: S608
INSERT = f"WITH {ROWS}"
WRITE = f"WITH {CHANGED}, {ROWS}"
# A new ticket with its first content, and in the same statement everything else that is new.
CREATE = f"""
WITH content AS (
    INSERT INTO tickets_contentversion ({_names(CONTENT)})
    SELECT {_names(CONTENT, "n.")} FROM jsonb_to_record(%(content)s::jsonb) AS n ({_record(CONTENT)})
), ticket AS (
    INSERT INTO tickets_ticket (id, {_names(NEW_TICKET)})
    SELECT %(ticket_id)s, {_names(NEW_TICKET, "n.")}
    FROM jsonb_to_record(%(ticket)s::jsonb) AS n ({_record(NEW_TICKET)})
), {ROWS}"""  # noqa: S608
RELINK = """
UPDATE tickets_approvaltask r SET added_to_id = n.added_to_id
FROM jsonb_to_recordset(%(tasks)s::jsonb) AS n (id bigint, added_to_id bigint) WHERE r.id = n.id
"""


def values(row: Any, columns: Iterable[str]) -> dict[str, Any]:
    """A row's columns as plain values."""
    return {column: getattr(row, column) for column in columns}


def packed(rows: Any) -> str:
    """Rows in the form that the statements take."""
    return orjson.dumps(rows).decode()


class NewPart(NamedTuple):
    """A participant that is not stored yet."""

    user_id: int
    kind: str
    proxy_id: int | None


class NewTimer(NamedTuple):
    """A timer that is not stored yet."""

    visit: NodeVisit
    kind: str
    due_at: datetime


@dataclass
class New:
    """The rows to insert, and an outbox row per event."""

    visits: Sequence[NodeVisit]
    tasks: Sequence[ApprovalTask]
    participants: Iterable[NewPart]
    timers: Iterable[NewTimer]
    events: Sequence[NewEvent]

    def packed(self) -> dict[str, Any]:
        """The values of ROWS."""
        return {
            "visits": packed([{"at": at, **values(visit, NEW_VISIT)} for at, visit in enumerate(self.visits)]),
            "tasks": packed(
                [{"at": at, **_of_visit(task), **values(task, NEW_TASK)} for at, task in enumerate(self.tasks)]
            ),
            "participants": packed([part._asdict() for part in self.participants]),
            "timers": packed(
                [{**_of_visit(timer), "kind": timer.kind, "due_at": timer.due_at} for timer in self.timers]
            ),
            "events": packed([values(event, EVENT) for event in self.events]),
        }

    def takes_place_of(self, visits: Sequence[NodeVisit], tasks: Sequence[ApprovalTask]) -> bool:
        """Whether one of these rows, which change, must be changed before the new ones are inserted."""
        changed = {visit.node for visit in visits}, {task.visit_id for task in tasks}
        return any(visit.node in changed[0] for visit in self.visits) or any(
            task.visit.pk in changed[1] for task in self.tasks
        )


def create(ticket: Ticket, new: New) -> None:
    """Insert a ticket whose id and content's id are set already, with its content and all other rows."""
    content: Any = ticket.content  # a new ticket has one
    _insert(
        CREATE,
        new,
        ticket_id=ticket.pk,
        ticket=packed(values(ticket, NEW_TICKET)),
        content=packed(values(content, CONTENT)),
    )
    ticket._state.adding = content._state.adding = False


def write(ticket: Ticket, visits: Sequence[NodeVisit], tasks: Sequence[ApprovalTask], new: New) -> None:
    """Update the ticket's row and these visits and tasks of it, and insert what is new."""
    changes: dict[str, Any] = {
        "ticket_id": ticket.pk,
        "ticket": packed(values(ticket, TICKET)),
        "changed_visits": packed([values(visit, ("id", *VISIT)) for visit in visits]),
        "changed_tasks": packed([values(task, ("id", *TASK)) for task in tasks]),
    }
    if new.takes_place_of(visits, tasks):
        with prepared() as cursor:
            cursor.execute(UPDATE, changes)
        _insert(INSERT, new, ticket_id=ticket.pk)
    else:
        _insert(WRITE, new, **changes)


def _insert(text: str, new: New, **parameters: Any) -> None:
    """Insert these rows; sets the ids of visits and tasks."""
    with prepared() as cursor:
        cursor.execute(text, {**new.packed(), **parameters})
        new_visits, new_tasks = (orjson.loads(found) for found in cursor.fetchone())
    visits, tasks = new.visits, new.tasks
    visit_ids = {(node, round_): pk for node, round_, pk in new_visits}
    for visit in visits:
        visit.pk = visit_ids[visit.node, visit.round]
        visit._state.adding = False
    task_ids = {(visit, assignee): pk for visit, assignee, pk in new_tasks}
    for task in tasks:
        task.visit = task.visit  # sets visit_id; setting that alone would forget the visit
        task.pk = task_ids[task.visit_id, task.assignee_id]
        task._state.adding = False


def relink(tasks: Sequence[ApprovalTask]) -> None:
    """Set `added_to` of tasks whose target task had no id yet when they were written."""
    for task in tasks:
        task.added_to = task.added_to  # sets added_to_id
    with prepared() as cursor:
        cursor.execute(RELINK, {"tasks": packed([values(task, ("id", "added_to_id")) for task in tasks])})


def _of_visit(row: ApprovalTask | NewTimer) -> dict[str, Any]:
    """Which visit a new row belongs to: by id if it is stored, else by node and round."""
    visit = row.visit
    return {"visit_id": visit.pk, "node": visit.node, "round": visit.round}
