"""Timers that only remind: a whole batch in three statements, and no ticket is loaded (I21).

Such a timer decides nothing. It adds one event to its ticket's chain, which names whoever is asked at its visit; or
none, if the visit has closed or nobody there is late.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction

from common.doorbell import ring
from common.prepared import prepared
from templates_engine.program.program import Program
from templates_engine.store.programs import load
from tickets.background.due import Due
from tickets.engine.loading import lock_free
from tickets.engine.saving import packed, values
from tickets.engine.walk import DISPATCH
from tickets.models import Timer
from tickets.trail.events import Kind, NewEvent, append

# Runs once the tickets are locked: nothing that it reads can change before the batch is written.
READ = """
WITH moment AS MATERIALIZED (SELECT coalesce(%(at)s::timestamptz, clock_timestamp()) AS at)
SELECT t.id, t.kind, v.ticket_id, k.event_seq, k.event_hash, k.template_version_id, v.node, v.round,
       moment.at::text, asked.names, asked.any_late
FROM moment CROSS JOIN tickets_timer t
JOIN tickets_nodevisit v ON v.id = t.visit_id
JOIN tickets_ticket k ON k.id = v.ticket_id
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(u.username ORDER BY task.id), '{}') AS names,
           coalesce(bool_or(task.due_at <= moment.at), false) AS any_late
    FROM tickets_approvaltask task JOIN accounts_user u ON u.id = task.assignee_id
    WHERE task.visit_id = v.id AND task.state = 'pending' AND v.state = 'open'
) AS asked
WHERE t.id = ANY(%(timers)s) AND t.fired_at IS NULL AND v.ticket_id = ANY(%(tickets)s)
ORDER BY t.due_at, t.id
"""
# The ends of the chains, the events with their outbox rows, and the timers.
WRITE = """
WITH told AS (
    SELECT * FROM jsonb_to_recordset(%(events)s::jsonb) AS n (ticket_id bigint, seq int, hash text, data jsonb)
), fired AS (
    UPDATE tickets_timer SET fired_at = %(at)s::timestamptz WHERE id = ANY(%(timers)s)
), chains AS (
    UPDATE tickets_ticket r SET event_seq = n.seq, event_hash = n.hash
    FROM (SELECT DISTINCT ON (ticket_id) ticket_id, seq, hash FROM told ORDER BY ticket_id, seq DESC) AS n
    WHERE r.id = n.ticket_id
), events AS (
    INSERT INTO tickets_event (ticket_id, seq, at, kind, data, hash)
    SELECT ticket_id, seq, %(at)s::timestamptz, %(kind)s, data, hash FROM told ORDER BY ticket_id, seq
    RETURNING id
)
INSERT INTO tickets_outbox (event_id, attempts) SELECT id, 0 FROM events
"""


class Row(NamedTuple):
    """A timer that has not fired, with its ticket's chain and the people asked at its visit."""

    timer: int
    kind: str
    ticket: int
    event_seq: int
    event_hash: str
    version: int
    node: str
    round: int
    at: str
    asked: list[str]
    any_late: bool


@dataclass
class End:
    """The end of a locked ticket's chain of events."""

    pk: int
    event_seq: int
    event_hash: str


def only_reminds(timer: Due, program: Program | None) -> bool:
    """Whether this timer changes nothing but the trail. program: of its ticket; None if it cannot be read."""
    node = program.nodes.get(timer.node) if program else None
    if node is None:
        return False
    is_late = timer.kind == Timer.Kind.DUE and node.get("on_timeout", "remind") == "remind"
    return is_late or timer.kind == Timer.Kind.REMIND


@transaction.atomic
def fire(batch: Sequence[Due], at: datetime | None) -> int:
    """Fire these timers; returns how many. Tickets that somebody else has locked are left to the next sweep.

    at: None for the database's time after the tickets were locked.
    """
    locked = lock_free({timer.ticket for timer in batch})
    rows = _read([timer.id for timer in batch], locked, at) if locked else []
    if rows:
        now = datetime.fromisoformat(rows[0].at)
        _write(rows, _events(rows, now), now)
        ring(DISPATCH)
    return len(rows)


def _read(timers: list[int], tickets: list[int], at: datetime | None) -> list[Row]:
    with prepared() as cursor:
        cursor.execute(READ, {"timers": timers, "tickets": tickets, "at": at})
        return [Row(*row) for row in cursor.fetchall()]


def _events(rows: Sequence[Row], at: datetime) -> list[NewEvent]:
    """The reminders, in the order of their timers."""
    ends: dict[int, End] = {}
    events = []
    for row in rows:
        if not row.asked or (row.kind == Timer.Kind.DUE and not row.any_late):
            continue
        end = ends.setdefault(row.ticket, End(row.ticket, row.event_seq, row.event_hash))
        kind, name = Kind.TICKET_REMINDED, load(row.version).node(row.node)["name"]
        said: Any = kind.shape(assignees=row.asked, node=row.node, name=name, round=row.round)
        events.append(append(end, kind, at=at, data=said))
    return events


def _write(rows: Sequence[Row], events: Sequence[NewEvent], at: datetime) -> None:
    with prepared() as cursor:
        cursor.execute(WRITE, {
            "at": at,
            "timers": [row.timer for row in rows],
            "kind": str(Kind.TICKET_REMINDED),
            "events": packed([values(event, ("ticket_id", "seq", "hash", "data")) for event in events]),
        })  # fmt: skip
