"""Is the trail whole? Recomputes every chain and holds the rows against it (I7, A32)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hmac import compare_digest

from tickets.digests import content_digest, plan_digest
from tickets.events import Kind, chain_hash
from tickets.models import ApprovalTask, ContentVersion, Event, Ticket
from tickets.states import TaskState

DECISIONS = {
    TaskState.APPROVED: Kind.TASK_APPROVED,
    TaskState.CONFIRMED: Kind.TASK_CONFIRMED,
    TaskState.RETURNED: Kind.TASK_RETURNED,
    TaskState.VETOED: Kind.TASK_VETOED,
}
STATE_EVENTS = {
    Kind.TICKET_COMPLETED: "completed",
    Kind.TICKET_WITHDRAWN: "withdrawn",
    Kind.TICKET_VETOED: "vetoed",
    Kind.TICKET_RETURNED: "returned",
}


@dataclass(frozen=True)
class Break:
    """One place where the rows do not agree with the trail. what: a code; seq: the event, 0 for the ticket itself."""

    number: str
    seq: int
    what: str
    detail: str

    def __str__(self) -> str:
        place = f"{self.number} event {self.seq}" if self.seq else self.number
        return f"{place}: {self.what}: {self.detail}"


def breaks_of(ticket: Ticket, trail: Iterable[Event], tasks: Iterable[ApprovalTask]) -> Iterator[Break]:
    """Every break of one ticket; nothing where its trail is whole."""
    events = sorted(trail, key=lambda event: event.seq)
    yield from _chain(ticket, events)
    yield from _decisions(ticket, events, tasks)
    yield from _state(ticket, events)


def _chain(ticket: Ticket, events: list[Event]) -> Iterator[Break]:
    previous = ""
    for expected, event in enumerate(events, start=1):
        if event.seq != expected:
            yield Break(ticket.number, expected, "missing_event", f"event {expected} is gone; next is {event.seq}")
            return
        if not compare_digest(event.hash, chain_hash(event, previous)):
            yield Break(ticket.number, event.seq, "changed_event", f"{event.kind} was changed or inserted")
            return
        previous = event.hash
    if (ticket.event_seq, ticket.event_hash) != (len(events), previous):
        yield Break(ticket.number, len(events), "cut_chain", f"the ticket counts {ticket.event_seq} events")


def _decisions(ticket: Ticket, events: list[Event], tasks: Iterable[ApprovalTask]) -> Iterator[Break]:
    told = {(event.data.get("task"), event.kind): event for event in events if event.kind in DECISIONS.values()}
    for task in tasks:
        kind = DECISIONS.get(TaskState(task.state))
        if kind is None:
            continue
        event = told.pop((task.pk, kind), None)
        if event is None:
            yield Break(ticket.number, 0, "forged_decision", f"task {task.pk} is {task.state} without an event")
        elif (event.actor_id, event.on_behalf_of_id, event.data["digest"]) != (
            task.decided_by_id,
            task.on_behalf_of_id,
            task.digest,
        ):
            yield Break(ticket.number, event.seq, "changed_decision", f"task {task.pk} differs from its event")
    for event in told.values():
        yield Break(ticket.number, event.seq, "lost_decision", f"task {event.data['task']} does not show {event.kind}")


def _state(ticket: Ticket, events: list[Event]) -> Iterator[Break]:
    last = next((event for event in reversed(events) if event.kind in STATE_EVENTS), None)
    final = {"completed", "withdrawn", "vetoed"}
    told = STATE_EVENTS[Kind(last.kind)] if last else None
    if (ticket.state in final and told != ticket.state) or (told in final and ticket.state != told):
        yield Break(
            ticket.number,
            last.seq if last else 0,
            "changed_state",
            f"state {ticket.state}, trail says {told}",
        )


def content_is_sound(ticket: Ticket, content: ContentVersion) -> bool:
    """Whether form, facts and plans still hash to what was signed."""
    plans_sound = all(compare_digest(plan["digest"], plan_digest(plan)) for plan in content.plans.values())
    expected = content_digest(
        template_version_id=ticket.template_version_id,
        form=content.form,
        facts=content.facts,
        plans=content.plans,
    )
    return plans_sound and compare_digest(content.digest, expected)


def verify(tickets: Iterable[Ticket]) -> Iterator[Break]:
    """Every break of these tickets."""
    for ticket in tickets:
        yield from breaks_of(ticket, ticket.events.all(), ticket.tasks.all())
        for content in ticket.contents.all():
            if not content_is_sound(ticket, content):
                yield Break(ticket.number, 0, "changed_content", f"content version {content.number} was changed")
