"""Who is notified of which event. One table; each function handles a whole batch of events of one kind."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Prefetch, Q, prefetch_related_objects
from django.utils import timezone

from accounts.models import Proxy, RoleMember, User
from accounts.permissions import OPERATE
from templates_engine.models import TemplateVersion
from tickets.engine.loading import load_all
from tickets.models import ApprovalTask, ContentVersion, Event, Participant
from tickets.rules.rights import is_closed_to, waits_for_others
from tickets.states import TaskState, TicketState
from tickets.trail.events import Kind


@dataclass(frozen=True)
class Recipient:
    """One recipient of one event; `task` is the approval task of the card, if a card is sent."""

    event: Event
    user_id: int
    task: int | None = None


def assigned(events: Sequence[Event]) -> Iterable[Recipient]:
    """Each assignee with a card for their task, and their agents with a card for the same task."""
    return _and_proxies(events, _seats(events))


def reminded(events: Sequence[Event]) -> Iterable[Recipient]:
    """Each assignee and their agents, without a new card: the one that they have still works."""
    names = {event.pk: Kind.TICKET_REMINDED.of(event)["assignees"] for event in events}
    ids = _ids_of(name for found in names.values() for name in found)
    return _and_proxies(events, {pk: {ids[name]: None for name in found if name in ids} for pk, found in names.items()})


def _and_proxies(events: Sequence[Event], asked: Mapping[int, Mapping[int, int | None]]) -> Iterable[Recipient]:
    """The people asked, and the active agents of each. asked: event → {person: task}.

    For approvals, agents who applied for it or have edited the content are left out (I03). Each person is notified once
    per event, even as the agent of several principals.
    """
    proxies = list(
        Proxy.objects.active(timezone.now())
        .filter(principal__in={person for found in asked.values() for person in found})
        .values_list("principal_id", "agent_id", "templates")
    )
    if proxies:
        _load_circumstances(events)
    for event in events:
        own = asked[event.pk]
        yield from (Recipient(event, user, task) for user, task in own.items())
        agents = {
            agent: own[principal]
            for principal, agent, templates in proxies
            if principal in own and agent not in own
            if not is_closed_to(event.data.get("type", "approval"), event.ticket, agent)
            if templates is None or event.ticket.template_version.template.key in templates
        }
        yield from (Recipient(event, agent, task) for agent, task in agents.items())


def _load_circumstances(events: Sequence[Event]) -> None:
    """Read for all events together what proxies depend on: the ticket's template, and who has changed what it will run,
    and so may not approve it.
    """
    contents = Prefetch("content", ContentVersion.objects.only("ticket", "facts"))
    versions = Prefetch("template_version", TemplateVersion.objects.only("template").select_related("template"))
    prefetch_related_objects([event.ticket for event in events], contents, versions)


def _seats(events: Sequence[Event]) -> dict[int, dict[int, int | None]]:
    """Event → {assignee: task}, the newest task of each seat that the event names."""
    rows = (
        ApprovalTask.objects.filter(ticket__in={event.ticket_id for event in events})
        .order_by("pk")
        .values_list("ticket_id", "visit__node", "visit__round", "assignee__username", "assignee_id", "pk")
    )
    tasks = {row[:4]: row[4:] for row in rows}
    found: dict[int, dict[int, int | None]] = {}
    for event in events:
        said = Kind.TASK_ASSIGNED.of(event)
        visit = (event.ticket_id, said["node"], said["round"])
        names = [seat["username"] for seat in said["assignees"]]
        found[event.pk] = dict(tasks[(*visit, name)] for name in names if (*visit, name) in tasks)
    return found


def own_turn_again(events: Sequence[Event]) -> Iterable[Recipient]:
    """Assignees who asked for signatures before their own, once the last one is given; and their agents."""
    decided = {event.pk: Kind.TASK_APPROVED.of(event)["task"] for event in events}
    signed = ApprovalTask.objects.filter(pk__in=decided.values(), added_to__isnull=False)
    tickets = {task.ticket_id: task.ticket for task in signed.select_related("ticket")}
    if not tickets:
        return ()
    tasks = {task.pk: task for _visits, found in load_all(tickets.values()).values() for task in found}
    asked = {
        event: dict.fromkeys(_waited_for(tasks[task], tasks.values()))
        for event, task in decided.items()
        if task in tasks
    }
    return _and_proxies([event for event in events if event.pk in asked], asked)


def _waited_for(signature: ApprovalTask, tasks: Iterable[ApprovalTask]) -> Iterable[int]:
    """The people who asked for earlier signatures and for whom this was the last one."""
    seats = [task for task in tasks if task.visit_id == signature.visit_id]
    while (adder := signature.added_to) is not None:
        was_first = signature.position == ApprovalTask.Position.BEFORE
        if was_first and adder.state == TaskState.PENDING and not waits_for_others(adder, seats):
            yield adder.assignee_id
        signature = adder


def applicant(events: Sequence[Event]) -> Iterable[Recipient]:
    """The applicant."""
    return (Recipient(event, event.ticket.applicant_id) for event in events)


def named(key: str) -> Callable[[Sequence[Event]], Iterable[Recipient]]:
    """The people in the event's data under this key: one username or a list of usernames."""

    def of_events(events: Sequence[Event]) -> Iterable[Recipient]:
        names = {event.pk: _listed(event.data.get(key)) for event in events}
        ids = _ids_of(name for found in names.values() for name in found)
        return (Recipient(event, ids[name]) for event in events for name in names[event.pk] if name in ids)

    return of_events


def _listed(value: str | list[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else value or []


def _ids_of(names: Iterable[str]) -> dict[str, int]:
    return dict(User.objects.filter(username__in=set(names)).values_list("username", "pk"))


def pending_until_now(events: Sequence[Event]) -> Iterable[Recipient]:
    """The assignees whose pending tasks this event cancelled."""
    gone = Q()
    for event in events:
        gone |= Q(ticket=event.ticket_id, state="cancelled", decided_at=event.at)
    rows = ApprovalTask.objects.filter(gone).values_list("ticket_id", "decided_at", "assignee_id").distinct()
    return (
        Recipient(event, user)
        for event in events
        for ticket, at, user in rows
        if (ticket, at) == (event.ticket_id, event.at)
    )


def participants(events: Sequence[Event]) -> Iterable[Recipient]:
    """All current participants of the ticket, except those who only acted as an agent."""
    tickets = {event.ticket_id for event in events}
    now = Participant.objects.standing(timezone.now()).exclude(kind=Participant.Kind.AGENT)
    rows = list(now.filter(ticket__in=tickets).values_list("ticket_id", "user_id").distinct())
    return (Recipient(event, user) for event in events for ticket, user in rows if ticket == event.ticket_id)


def decided_before(events: Sequence[Event]) -> Iterable[Recipient]:
    """For a change of the form: the applicant, and everybody who has decided on other content before it.

    This includes the assignee if an agent decided, and those who returned the ticket.
    """
    changing = [event for event in events if event.data.get("diff")]
    yield from applicant(changing)
    rows = list(
        ApprovalTask.objects.filter(
            ticket__in={event.ticket_id for event in changing},
            state__in=[TaskState.APPROVED, TaskState.CONFIRMED, TaskState.RETURNED],
            decided_by__isnull=False,
        ).values_list("ticket_id", "decided_by_id", "assignee_id", "decided_at", "digest")
    )
    for event in changing:
        for ticket, decider, assignee, at, digest in rows:
            if ticket == event.ticket_id and at <= event.at and digest != event.data["digest"]:
                yield from (Recipient(event, user) for user in (decider, assignee))


def decided_by_timeout(events: Sequence[Event]) -> Iterable[Recipient]:
    """The applicant, if a timeout approved or refused. Other timeout actions notify the assignees that they move."""
    return applicant([event for event in events if Kind.TASK_TIMED_OUT.of(event)["action"] in ("approve", "veto")])


def failed_child(events: Sequence[Event]) -> Iterable[Recipient]:
    """The applicant of the parent ticket, if a sub-ticket was not completed."""
    return applicant([event for event in events if Kind.SUBTICKET_ENDED.of(event)["state"] != TicketState.COMPLETED])


def administrators(events: Sequence[Event]) -> Iterable[Recipient]:
    """All active administrators."""
    admins = list(User.objects.filter(is_admin=True, is_active=True).values_list("pk", flat=True))
    return (Recipient(event, user) for event in events for user in admins)


def applicant_and_operators(events: Sequence[Event]) -> Iterable[Recipient]:
    """The applicant, and those who may rerun or resolve a job."""
    yield from applicant(events)
    yield from operators(events)


def operators(events: Sequence[Event]) -> Iterable[Recipient]:
    """The users with the permission to operate; the administrators if there are none."""
    found = RoleMember.objects.filter(role__permissions__contains=[OPERATE], user__is_active=True)
    holders = set(found.values_list("user_id", flat=True))
    if not holders:
        yield from administrators(events)
    yield from (Recipient(event, user) for event in events for user in holders)


def named_or_operators(events: Sequence[Event]) -> Iterable[Recipient]:
    """For a job that is done by hand: the people that its action names, else the operators."""
    yield from named("people")(events)
    yield from operators([event for event in events if not Kind.JOB_HANDED.of(event)["people"]])


def foreseen(events: Sequence[Event]) -> Iterable[Recipient]:
    """The current assignees with a new card, and their agents, if the result of a dry run is signed with the plan.

    If drift stopped a job, only the applicant: the approvers are asked again in any case.
    """
    told = [(event, Kind.PLAN_FORESEEN.of(event)) for event in events]
    yield from applicant([event for event, data in told if "drift" in data])
    signed = [event for event, data in told if "content" in data and "drift" not in data]
    rows = ApprovalTask.objects.filter(
        ticket__in={event.ticket_id for event in signed}, state=TaskState.PENDING, visit__type="approval"
    ).values_list("ticket_id", "assignee_id", "pk")
    asked = {event.pk: {who: pk for ticket, who, pk in rows if ticket == event.ticket_id} for event in signed}
    yield from _and_proxies(signed, asked)


AUDIENCES: dict[str, Callable[[Sequence[Event]], Iterable[Recipient]]] = {
    Kind.TASK_ASSIGNED: assigned,
    Kind.TASK_APPROVED: own_turn_again,
    Kind.TASK_TRANSFERRED: named("assignee"),  # left out below, unless an agent did it
    Kind.TASK_SIGN_REMOVED: named("users"),
    Kind.TASK_REASSIGNED: named("from"),
    Kind.TASK_ESCALATED: named("from"),
    Kind.TASK_LEFT: named("users"),
    Kind.TASK_TIMED_OUT: decided_by_timeout,
    Kind.TICKET_REMINDED: reminded,
    Kind.TICKET_EDITED: decided_before,
    Kind.TICKET_RESUBMITTED: decided_before,
    Kind.TICKET_RETURNED: applicant,
    Kind.TICKET_VETOED: applicant,
    Kind.TICKET_COMPLETED: applicant,
    Kind.TICKET_FAILED: applicant_and_operators,
    Kind.TICKET_STUCK: administrators,
    Kind.EXECUTION_REFUSED: administrators,
    Kind.JOB_HANDED: named_or_operators,
    Kind.TICKET_WITHDRAWN: pending_until_now,
    Kind.TICKET_COPIED: named("users"),
    Kind.TICKET_COMMENTED: participants,
    Kind.SUBTICKET_ENDED: failed_child,
    Kind.PLAN_FORESEEN: foreseen,
    Kind.WEBHOOK_FAILED: administrators,
}

# People are not notified of their own acts, except for these kinds.
EVEN_TO_THE_ACTOR = frozenset({Kind.TASK_ASSIGNED, Kind.TICKET_COMPLETED, Kind.TICKET_FAILED})


def recipients(events: Sequence[Event]) -> list[Recipient]:
    """The recipients of these events, each person once per event."""
    by_kind: dict[str, list[Event]] = {}
    for event in events:
        if event.kind in AUDIENCES:
            by_kind.setdefault(event.kind, []).append(event)
    found: dict[tuple[int, int], Recipient] = {}
    for kind, same in by_kind.items():
        for recipient in AUDIENCES[kind](same):
            if recipient.user_id != recipient.event.actor_id or kind in EVEN_TO_THE_ACTOR:
                found.setdefault((recipient.event.pk, recipient.user_id), recipient)
    return list(found.values())
