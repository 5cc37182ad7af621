"""Verify the audit trail: recompute every chain and compare the rows with it (I07, A32)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any

from accounts.models import AdminEvent
from common import keys
from common.chain import first_break
from templates_engine.models import TemplateVersion
from templates_engine.store.seals import is_sound
from tickets.audit import ledger
from tickets.models import ApprovalTask, ContentVersion, Event, Ticket
from tickets.rules.dry_run_rules import told_by
from tickets.states import TaskState, TicketState
from tickets.trail.digests import content_digest, plan_digest
from tickets.trail.events import RELEASES, Kind, body_of

DECISIONS: dict[TaskState, str] = {
    TaskState.APPROVED: Kind.TASK_APPROVED,
    TaskState.CONFIRMED: Kind.TASK_CONFIRMED,
    TaskState.RETURNED: Kind.TASK_RETURNED,
    TaskState.VETOED: Kind.TASK_VETOED,
}
HANDED_ON = (Kind.TASK_TRANSFERRED, Kind.TASK_REASSIGNED, Kind.TASK_ESCALATED)
STATE_AFTER = {
    Kind.TICKET_CREATED: TicketState.DRAFT,
    Kind.TICKET_SUBMITTED: TicketState.APPROVING,
    Kind.TICKET_RESUBMITTED: TicketState.APPROVING,
    Kind.TICKET_RETURNED: TicketState.RETURNED,
    Kind.TICKET_WITHDRAWN: TicketState.WITHDRAWN,
    Kind.TICKET_VETOED: TicketState.VETOED,
    Kind.TICKET_COMPLETED: TicketState.COMPLETED,
}
MADE = (Kind.TICKET_CREATED, Kind.TICKET_KEPT, Kind.TICKET_SUBMITTED)  # these contain the template's version
HANDED_IN = (Kind.TICKET_SUBMITTED, Kind.TICKET_RESUBMITTED, Kind.TICKET_EDITED, Kind.PLAN_FORESEEN)


@dataclass(frozen=True)
class Break:
    """One contradiction between rows and trail. what: a code. seq: the event, 0 for the ticket itself."""

    number: str
    seq: int
    what: str
    detail: str

    def __str__(self) -> str:
        place = f"{self.number} event {self.seq}" if self.seq else self.number
        return f"{place}: {self.what}: {self.detail}"


def breaks_of(
    ticket: Ticket, trail: Iterable[Event], tasks: Iterable[ApprovalTask], contents: Iterable[ContentVersion]
) -> Iterator[Break]:
    """Every break of one ticket; none if its trail is intact. contents: must include the ticket's current one."""
    events = sorted(trail, key=lambda event: event.seq)
    yield from _chain(ticket, events)
    yield from _decisions(ticket, events, tasks)
    yield from _contents(ticket, events, contents)
    yield from _ticket(ticket, events)


def _chain(ticket: Ticket, events: list[Event]) -> Iterator[Break]:
    broken = first_break(events, body_of)
    if broken:
        yield Break(ticket.number, *broken)
        return
    if (ticket.event_seq, ticket.event_hash) != (len(events), events[-1].hash if events else ""):
        yield Break(ticket.number, len(events), "cut_chain", f"the ticket counts {ticket.event_seq} events")


def _decisions(ticket: Ticket, events: list[Event], tasks: Iterable[ApprovalTask]) -> Iterator[Break]:
    told = {(event.data.get("task"), event.kind): event for event in events if event.kind in DECISIONS.values()}
    book = ledger.read(events)
    for decision in told.values():
        entry = book.get((decision.data["node"], decision.data["round"]))
        if entry is None or decision.data["assignee"] not in entry.everybody:
            what = f"{decision.data['assignee']} was never asked at {decision.data['node']}"
            yield Break(ticket.number, decision.seq, "unasked_decision", what)
    for (node, _round), entry in book.items():
        for name in entry.strangers:
            yield Break(ticket.number, 0, "unasked_decision", f"{name} held no such seat at {node}")
    for task in tasks:
        if task.state == TaskState.TRANSFERRED and not _was_handed_on(events, task):
            yield Break(ticket.number, 0, "forged_decision", f"task {task.pk} is transferred without an event")
        kind = DECISIONS.get(TaskState(task.state))
        if kind is None:
            continue
        event = told.pop((task.pk, kind), None)
        if event is None:
            yield Break(ticket.number, 0, "forged_decision", f"task {task.pk} is {task.state} without an event")
        elif _told(event) != _shown(task):
            yield Break(ticket.number, event.seq, "changed_decision", f"task {task.pk} differs from its event")
    for event in told.values():
        yield Break(ticket.number, event.seq, "lost_decision", f"task {event.data['task']} does not show {event.kind}")


def _told(event: Event) -> tuple[Any, ...]:
    data = event.data
    said = data["digest"], data["comment"], data["channel"]
    return event.actor_id, event.on_behalf_of_id, event.at, *said, data["assignee"], *_visit(event)


def _shown(task: ApprovalTask) -> tuple[Any, ...]:
    said = task.digest, task.comment, task.channel
    seat = task.assignee.username, task.visit.node, task.visit.round
    return task.decided_by_id, task.on_behalf_of_id, task.decided_at, *said, *seat


def _was_handed_on(events: list[Event], task: ApprovalTask) -> bool:
    """Whether this seat was handed on at that time: by task id, or taken from its assignee."""
    here = task.decided_at, task.visit.node, task.visit.round
    return any(
        event.kind in HANDED_ON
        and (event.at, *_visit(event)) == here
        and (event.data.get("task") == task.pk or task.assignee.username in event.data.get("from", ()))
        for event in events
    )


def _contents(ticket: Ticket, events: list[Event], contents: Iterable[ContentVersion]) -> Iterator[Break]:
    """Contents that differ from those submitted. A digest has no key, so whoever changes a row can recompute it."""
    handed_in = [event for event in events if event.kind in HANDED_IN and "content" in event.data]
    signed = {event.data["content"]: event for event in handed_in}
    current = None
    for content in contents:
        event = signed.get(content.number)
        if event is not None and event.data.get("content_digest", event.data["digest"]) != content.digest:
            yield Break(ticket.number, event.seq, "changed_content", f"content version {content.number} was changed")
        if content.pk == ticket.content_id:
            current = content.number
    if handed_in and handed_in[-1].data["content"] != current:
        last = handed_in[-1]
        what = f"the ticket shows content version {current}, the trail says {last.data['content']}"
        yield Break(ticket.number, last.seq, "changed_content", what)


def _ticket(ticket: Ticket, events: list[Event]) -> Iterator[Break]:
    """Check the ticket's own row: its state follows from its events, its applicant created it."""
    told = state_after(events)
    if ticket.state != told:
        what = f"state {ticket.state}, the trail says {told or 'nothing'}"
        yield Break(ticket.number, events[-1].seq if events else 0, "changed_state", what)
    if ticket.foreseen != told_by(events):
        yield Break(ticket.number, 0, "changed_foreseen", "the results of dry runs are not those of the trail")
    if events and events[0].actor_id != ticket.applicant_id:
        yield Break(ticket.number, events[0].seq, "changed_applicant", "somebody else created this ticket")


def state_after(events: Iterable[Event]) -> str:
    """The state of a ticket after these events, in order; "" for none.

    While a ticket is in progress, its jobs decide: one has failed, one waits or runs, or there is none. A rollback
    after its node has closed does not change the state.
    """
    state = ""
    closed: set[tuple[str, int]] = set()
    jobs: dict[tuple[str, int], TicketState] = {}
    for event in events:
        if event.kind in STATE_AFTER:
            state = STATE_AFTER[event.kind]
        elif event.kind in RELEASES and _visit(event) not in closed:
            jobs[_visit(event)] = TicketState.EXECUTING
        elif event.kind == Kind.JOB_FINISHED and _has_failed(event) and _visit(event) not in closed:
            jobs[_visit(event)] = TicketState.FAILED
        elif event.kind == Kind.NODE_CLOSED:
            jobs.pop(_visit(event), None)
            closed.add(_visit(event))
    if state != TicketState.APPROVING or not jobs:
        return state
    return TicketState.FAILED if TicketState.FAILED in jobs.values() else TicketState.EXECUTING


def _has_failed(finished: Event) -> bool:
    return Kind.JOB_FINISHED.of(finished)["state"] != "completed"


def _visit(event: Event) -> tuple[str, int]:
    return event.data["node"], event.data["round"]


def content_is_sound(ticket: Ticket, content: ContentVersion, version: int | None = None) -> bool:
    """Whether form, facts and plans still have the digest that was signed.

    version: id of the template version under which the content was made, if it is not the ticket's own.
    """
    plans_sound = all(compare_digest(plan["digest"], plan_digest(plan)) for plan in content.plans.values())
    expected = content_digest(
        template_version_id=version or ticket.template_version_id,
        form=content.form,
        facts=content.facts,
        plans=content.plans,
        children=content.children,
    )
    return plans_sound and compare_digest(content.digest, expected)


def breaks_of_content(ticket: Ticket, content: ContentVersion) -> Iterator[Break]:
    """Check, by the ticket's trail, that this content was submitted with this ticket (A32).

    Used for dry runs, which start before any decision; decisions are not checked.
    """
    if content.ticket_id != ticket.pk:
        yield Break(ticket.number, 0, "changed_content", "the content is another ticket's")
        return
    events = list(Event.objects.filter(ticket=ticket).order_by("seq"))
    broken = first_break(events, body_of)
    if broken:
        yield Break(ticket.number, *broken)
        return
    told = [event.data for event in events if event.kind in HANDED_IN and event.data.get("content") == content.number]
    if not any(data.get("content_digest", data["digest"]) == content.digest for data in told):
        yield Break(ticket.number, 0, "changed_content", f"content version {content.number} was never handed in")
    elif not content_is_sound(ticket, content):
        yield Break(ticket.number, 0, "changed_content", f"content version {content.number} was changed")


def _former_versions(ticket: Ticket) -> dict[int, int]:
    """Content number → id of its template version, for draft contents made under an earlier version."""
    numbers: dict[int, int] = {}
    number = 0
    for event in sorted(ticket.events.all(), key=lambda event: event.seq):
        if event.kind in MADE:
            number = event.data.get("template_version", number)
            numbers[event.data.get("content", 1)] = number
    if len(set(numbers.values())) < 2:
        return {}
    template = TemplateVersion.objects.filter(pk=ticket.template_version_id).values("template")
    ids = dict(TemplateVersion.objects.filter(template__in=template).values_list("number", "id"))
    former = {content: n for content, n in numbers.items() if ids.get(n) != ticket.template_version_id}
    return {content: ids[number] for content, number in former.items() if number in ids}


def verify(tickets: Iterable[Ticket]) -> Iterator[Break]:
    """All breaks of these tickets."""
    for ticket in tickets:
        yield from breaks_of(ticket, ticket.events.all(), ticket.tasks.all(), ticket.contents.all())
        former = _former_versions(ticket)
        for content in ticket.contents.all():
            version = former.get(content.number) if content.pk != ticket.content_id else None
            if not content_is_sound(ticket, content, version):
                yield Break(ticket.number, 0, "changed_content", f"content version {content.number} was changed")


def unknown_proxies() -> Iterator[Break]:
    """Acts by a proxy that is not in the administration trail as recorded: that trail was cut."""
    acts = dict(AdminEvent.objects.filter(about__startswith="proxy:").values_list("seq", "hash"))
    by_proxy = Event.objects.filter(on_behalf_of__isnull=False, data__has_key="proxy").select_related("ticket")
    for event in by_proxy.order_by("id").iterator():
        said = event.data["proxy"]
        if acts.get(said["act"]) != said["hash"]:
            what = f"the trail of administration does not know proxy {said['id']} as it was then"
            yield Break(event.ticket.number, event.seq, "unknown_proxy", what)


def verify_versions() -> Iterator[Break]:
    """Template versions that differ from what was imported (A32)."""
    for version in TemplateVersion.objects.select_related("template").order_by("id").iterator(chunk_size=50):
        if not is_sound(version):
            known = keys.knows(version.seal)
            why = "changed or inserted" if known else "sealed by a key that BATON_AUDIT_KEYS does not have"
            yield Break(
                f"template {version.template.key}", 0, "changed_template", f"version {version.number} was {why}"
            )
