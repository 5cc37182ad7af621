"""The audit trail: append-only, numbered per ticket, chained by HMAC (I7, I25).

Each ticket has a chain of its own (config.chain), whose end is kept in the ticket's row.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from django.db import models

from config.chain import link_hash
from tickets.models import Event, Ticket


class Kind(models.TextChoices):
    """What can have happened, with the keys of its `data`.

    `name` is the node's localized name, `round` the visit's; `channel` is web, api, card, h5 or system.
    """

    TICKET_CREATED = "ticket.created"  # template, template_version, title, parent?
    TICKET_KEPT = "ticket.kept"  # content, title, priority, template_version: a draft, kept again
    TICKET_SUBMITTED = "ticket.submitted"  # content, digest, title, template_version
    # content, digest, nodes: [node] that it comes straight back to; where it was changed also diff: as ticket.edited,
    # and again: [node] whose people are asked anew
    TICKET_RESUBMITTED = "ticket.resubmitted"
    TICKET_RETURNED = "ticket.returned"  # node, name, to, comment
    TICKET_WITHDRAWN = "ticket.withdrawn"  # comment, parent? that was withdrawn or closed
    TICKET_VETOED = "ticket.vetoed"  # node, name, comment
    TICKET_COMPLETED = "ticket.completed"
    TICKET_FAILED = "ticket.failed"  # node, name, reason
    TICKET_RATED = "ticket.rated"  # score, comment
    TICKET_COMMENTED = "ticket.commented"  # text
    TICKET_ATTACHED = "ticket.attached"  # attachment, name, size, sha256
    TICKET_REMINDED = "ticket.reminded"  # assignees: [username]; node?, name?, round? where a timer reminds
    # node, name, round, content, digest, diff: [{field, before, after}], voided: every decision before it,
    # again: [node] whose people are asked anew, comment
    TICKET_EDITED = "ticket.edited"
    TICKET_STUCK = "ticket.stuck"  # node?, name?, round?, problem: localized; no round: returned to somebody who left
    TICKET_COPIED = "ticket.copied"  # node?, name?, users: [username], by_proxy?: they see it as long as it holds
    NODE_OPENED = "node.opened"  # node, name, type, round
    NODE_CLOSED = "node.closed"  # node, name, type, round, outcome
    BRANCH_TAKEN = "branch.taken"  # node, name, case, when
    # node, name, type, round, assignees: [{username, reason, added_to?, position?, due?}]; in a sequence also
    # later: [{username, reason, added_to?}], asked after them, and gone: [username], of those, who have left meanwhile
    TASK_ASSIGNED = "task.assigned"
    # node, name, round, assignees: [{username, round}]: what they decided in that earlier round counts in this one
    TASK_KEPT = "task.kept"
    TASK_PASSED = "task.passed"  # node, name, round, reason: the system passed it, and why; assignees? whose seats
    TASK_APPROVED = "task.approved"  # task, node, name, round, channel, comment, digest, assignee
    TASK_CONFIRMED = "task.confirmed"  # as task.approved
    TASK_RETURNED = "task.returned"  # as task.approved; to: applicant or a node, resume
    TASK_VETOED = "task.vetoed"  # as task.approved
    TASK_CANCELLED = "task.cancelled"  # node, name, round, assignees: [username]
    TASK_TRANSFERRED = "task.transferred"  # as task.approved; users: [username]
    TASK_SIGN_ADDED = "task.sign_added"  # as task.approved; users: [username], position
    TASK_SIGN_REMOVED = "task.sign_removed"  # task, node, name, round, channel, comment, assignee, users: [username]
    TASK_REASSIGNED = "task.reassigned"  # node, name, round, from: [username], users: [username], comment
    TASK_ESCALATED = "task.escalated"  # node, name, round, from: [username], users: [username]
    TASK_LEFT = "task.left"  # node, name, round, users: [username] whose proxy has signed here for another (I4)
    TASK_TIMED_OUT = "task.timed_out"  # node, name, round, action, assignees: [username]
    SUBTICKET_OPENED = "subticket.opened"  # node, name, round, children: [{number, template, title}]
    SUBTICKET_ENDED = "subticket.ended"  # node, name, round, child: number, state
    WEBHOOK_REQUESTED = "webhook.requested"  # node, name, round, url, body
    WEBHOOK_FAILED = "webhook.failed"  # node, name, round, url, reason: nobody was told, nor will be
    EXECUTION_APPROVED = "execution.approved"  # node, name, round, plan_digest, content_digest, decisions
    # node, name, round, job, reason, entries: [line of the executor's journal]: what would have run was not as approved
    EXECUTION_REFUSED = "execution.refused"
    JOB_STARTED = "job.started"  # node, name, round, job; journal, entry: where the executor wrote it down
    JOB_FINISHED = "job.finished"  # node, name, round, job, state, outcome, hosts: {name: status}
    JOB_RERUN = "job.rerun"  # node, name, round, job, comment, hosts: [name] or null for all
    JOB_RESOLVED = "job.resolved"  # node, name, round, job, comment


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
    """What an event's hash covers, beside the hash before it."""
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
    """The hash of a new event, given the hash before it ("" for the first)."""
    return link_hash(body_of(event), previous)


def append(
    ticket: Ticket,
    kind: str,
    *,
    at: datetime,
    actor_id: int | None = None,
    on_behalf_of_id: int | None = None,
    data: dict[str, Any] | None = None,
) -> NewEvent:
    """The next event of this locked ticket, not stored; moves the ticket's chain end on."""
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
