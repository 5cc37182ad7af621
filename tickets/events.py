"""The audit trail: append-only, numbered per ticket, chained by HMAC (I7, I25).

An event's hash is HMAC-SHA256(BATON_AUDIT_KEY, previous hash + canonical bytes of the event); the first one of a
ticket follows the empty string. Who can write to the database but lacks the key can neither change, insert nor
remove an event in the middle without `audit verify` naming it.
"""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from django.conf import settings
from django.db import connection, models

from tickets.models import Event, Ticket


class Kind(models.TextChoices):
    """What can have happened, with the keys of its `data`.

    `name` is the node's localized name, `round` the visit's; `channel` is web, api, card, h5 or system.
    """

    TICKET_CREATED = "ticket.created"  # template, template_version, title
    TICKET_SUBMITTED = "ticket.submitted"  # content, digest, title
    TICKET_RESUBMITTED = "ticket.resubmitted"  # content, digest, resume
    TICKET_RETURNED = "ticket.returned"  # node, name, to, comment
    TICKET_WITHDRAWN = "ticket.withdrawn"  # comment
    TICKET_VETOED = "ticket.vetoed"  # node, name, comment
    TICKET_COMPLETED = "ticket.completed"
    TICKET_FAILED = "ticket.failed"  # node, name, reason
    TICKET_RATED = "ticket.rated"  # score, comment
    TICKET_COMMENTED = "ticket.commented"  # text
    TICKET_REMINDED = "ticket.reminded"  # assignees: [username]
    TICKET_COPIED = "ticket.copied"  # node?, name?, users: [username]
    NODE_OPENED = "node.opened"  # node, name, type, round
    NODE_CLOSED = "node.closed"  # node, name, type, round, outcome
    BRANCH_TAKEN = "branch.taken"  # node, name, case, when
    TASK_ASSIGNED = "task.assigned"  # node, name, type, round, assignees: [{username, reason}]
    TASK_PASSED = "task.passed"  # node, name, round, reason: the system passed it, and why
    TASK_APPROVED = "task.approved"  # task, node, name, round, channel, comment, digest, assignee
    TASK_CONFIRMED = "task.confirmed"  # as task.approved
    TASK_RETURNED = "task.returned"  # as task.approved
    TASK_VETOED = "task.vetoed"  # as task.approved
    TASK_CANCELLED = "task.cancelled"  # node, name, round, assignees: [username]
    EXECUTION_APPROVED = "execution.approved"  # node, name, round, plan_digest, content_digest, decisions
    JOB_STARTED = "job.started"  # node, name, round, job
    JOB_FINISHED = "job.finished"  # node, name, round, job, state, outcome, hosts: {name: status}
    JOB_RERUN = "job.rerun"  # node, name, round, job, comment
    JOB_RESOLVED = "job.resolved"  # node, name, round, job, comment


def canonical(value: Any) -> bytes:
    """One byte string for one JSON value: sorted keys, no spaces, UTF-8."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def chain_hash(event: Event, previous: str) -> str:
    """The hash this event must carry, given the hash before it ("" for the first)."""
    body = {
        "ticket": event.ticket_id,
        "seq": event.seq,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "kind": event.kind,
        "actor": event.actor_id,
        "on_behalf_of": event.on_behalf_of_id,
        "data": event.data,
    }
    key = settings.AUDIT_KEY.encode()
    return hmac.new(key, previous.encode() + canonical(body), hashlib.sha256).hexdigest()


def append(
    ticket: Ticket,
    kind: str,
    *,
    at: datetime,
    actor_id: int | None = None,
    on_behalf_of_id: int | None = None,
    data: dict[str, Any] | None = None,
) -> Event:
    """The next event of this locked ticket, unsaved; moves the ticket's chain end on. Store with `write`."""
    plain = orjson.loads(orjson.dumps(data or {}, default=str))
    event = Event(
        ticket=ticket,
        seq=ticket.event_seq + 1,
        at=at,
        kind=str(kind),
        actor_id=actor_id,
        on_behalf_of_id=on_behalf_of_id,
        data=plain,
    )
    event.hash = chain_hash(event, ticket.event_hash)
    ticket.event_seq, ticket.event_hash = event.seq, event.hash
    return event


WRITE = """
WITH written AS (
    INSERT INTO tickets_event (ticket_id, seq, at, kind, actor_id, on_behalf_of_id, data, hash)
    SELECT * FROM unnest(%s::bigint[], %s::int[], %s::timestamptz[], %s::text[], %s::bigint[], %s::bigint[],
                         %s::jsonb[], %s::text[])
    RETURNING id
)
INSERT INTO tickets_outbox (event_id, attempts) SELECT id, 0 FROM written
"""


def write(events: Sequence[Event]) -> None:
    """Store events and their outbox rows, in one statement whatever their number."""
    if not events:
        return
    columns: list[Any] = [
        [e.ticket_id for e in events],
        [e.seq for e in events],
        [e.at for e in events],
        [e.kind for e in events],
        [e.actor_id for e in events],
        [e.on_behalf_of_id for e in events],
        [orjson.dumps(e.data).decode() for e in events],
        [e.hash for e in events],
    ]
    with connection.cursor() as cursor:
        cursor.execute(WRITE, columns)
