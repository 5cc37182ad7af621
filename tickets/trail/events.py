"""The audit trail: append-only, numbered per ticket, chained by HMAC (I07, I25).

Each ticket has its own chain (common.chain); the chain's end is stored in the ticket's row.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import orjson

from common.chain import link_hash
from tickets.models import Event
from tickets.trail.shapes.base import EventKind
from tickets.trail.shapes.runs import RunKinds
from tickets.trail.shapes.tasks import TaskKinds
from tickets.trail.shapes.ticket import TicketKinds


class Kind(TicketKinds, TaskKinds, RunKinds):
    """All kinds of events; each stands beside the shape of its data in shapes/."""


KINDS: dict[str, EventKind[..., Any]] = {
    kind: kind for part in Kind.__bases__ for kind in vars(part).values() if isinstance(kind, EventKind)
}

# Each of these allows a job to begin, once.
RELEASES = (Kind.EXECUTION_APPROVED, Kind.JOB_RERUN, Kind.JOB_RESUMED, Kind.JOB_ROLLBACK)


@dataclass(slots=True)
class NewEvent:
    """An event that is not stored yet, with the columns of its row (see tickets.models.Event)."""

    ticket_id: int
    seq: int
    at: datetime
    kind: str
    actor_id: int | None
    on_behalf_of_id: int | None
    data: dict[str, Any]
    hash: str = ""


def body_of(event: Event | NewEvent) -> dict[str, Any]:
    """What an event's hash covers, besides the previous hash."""
    return {
        "ticket": event.ticket_id,
        "seq": event.seq,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "kind": event.kind,
        "actor": event.actor_id,
        "on_behalf_of": event.on_behalf_of_id,
        "data": event.data,
    }


def chain_hash(event: Event | NewEvent, previous: str) -> str:
    """The hash of a new event, given the previous hash ("" for the first)."""
    return link_hash(body_of(event), previous)


class ChainEnd(Protocol):
    """What is known of a locked ticket to add to its chain: its id and the chain's end."""

    pk: Any
    event_seq: int
    event_hash: str


def append(
    ticket: ChainEnd,
    kind: str,
    *,
    at: datetime,
    actor_id: int | None = None,
    on_behalf_of_id: int | None = None,
    data: dict[str, Any] | None = None,
) -> NewEvent:
    """The next event of this locked ticket, not stored; also moves the ticket's chain end on."""
    event = NewEvent(
        ticket_id=ticket.pk,
        seq=ticket.event_seq + 1,
        at=at,
        kind=str(kind),
        actor_id=actor_id,
        on_behalf_of_id=on_behalf_of_id,
        data=orjson.loads(orjson.dumps(data or {}, default=str)),
    )
    event.hash = chain_hash(event, ticket.event_hash)
    ticket.event_seq, ticket.event_hash = event.seq, event.hash
    return event
