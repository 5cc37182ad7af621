"""Who hears of what. One table; each row's function answers for a whole batch of events of its kind."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from accounts.models import Proxy, RoleMember, User
from accounts.permissions import OPERATE
from tickets.events import Kind
from tickets.loading import load_all
from tickets.models import ApprovalTask, ContentVersion, Event, Participant
from tickets.rights import waits_for_others
from tickets.states import TaskState, TicketState


@dataclass(frozen=True)
class Hearer:
    """One person who shall hear of one event; `task` is the approval task that a card would be for."""

    event: Event
    user_id: int
    task: int | None = None


def assigned(events: Sequence[Event]) -> Iterable[Hearer]:
    """Each assignee with a card for his task, and his proxies with the same one."""
    return _and_proxies(events, _seats(events))


def reminded(events: Sequence[Event]) -> Iterable[Hearer]:
    """Each assignee, and his proxies; without a card: the one they have is as good as on the first day."""
    ids = _ids_of(name for event in events for name in event.data["assignees"])
    return _and_proxies(
        events, {event.pk: {ids[name]: None for name in event.data["assignees"] if name in ids} for event in events}
    )


def _and_proxies(events: Sequence[Event], asked: Mapping[int, Mapping[int, int | None]]) -> Iterable[Hearer]:
    """Event → {person: task}, and whoever is a person's proxy now; never the applicant as a proxy (I3), and for an
    approval nobody who has changed what it is about.

    Nobody hears twice of one event, however many he stands in for.
    """
    proxies = list(
        Proxy.objects.active(timezone.now())
        .filter(principal__in={person for found in asked.values() for person in found})
        .values_list("principal_id", "agent_id", "templates")
    )
    changed = _editors(events) if proxies else {}
    for event in events:
        own = asked[event.pk]
        yield from (Hearer(event, user, task) for user, task in own.items())
        key = event.ticket.template_version.template.key
        agents = {
            agent: own[principal]
            for principal, agent, templates in proxies
            if principal in own and agent not in own and agent != event.ticket.applicant_id
            if event.data.get("type") == "confirm" or agent not in changed.get(event.ticket_id, ())
            if templates is None or key in templates
        }
        yield from (Hearer(event, agent, task) for agent, task in agents.items())


def _editors(events: Sequence[Event]) -> dict[int, list[int]]:
    """Ticket → who has changed what will run, and so may not approve it."""
    contents = ContentVersion.objects.filter(pk__in=[event.ticket.content_id for event in events])
    found = contents.filter(facts__has_key="editors").values_list("ticket_id", "facts__editors")
    return dict(found)


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
        visit = (event.ticket_id, event.data["node"], event.data["round"])
        names = [seat["username"] for seat in event.data["assignees"]]
        found[event.pk] = dict(tasks[(*visit, name)] for name in names if (*visit, name) in tasks)
    return found


def own_turn_again(events: Sequence[Event]) -> Iterable[Hearer]:
    """Whoever wanted signatures before his own, once the last of them is given; and his proxies."""
    signed = ApprovalTask.objects.filter(pk__in=[event.data["task"] for event in events], added_to__isnull=False)
    tickets = {task.ticket_id: task.ticket for task in signed.select_related("ticket")}
    if not tickets:
        return ()
    tasks = {task.pk: task for _visits, found in load_all(tickets.values()).values() for task in found}
    asked = {
        event.pk: dict.fromkeys(_waited_for(tasks[event.data["task"]], tasks.values()))
        for event in events
        if event.data["task"] in tasks
    }
    return _and_proxies([event for event in events if event.pk in asked], asked)


def _waited_for(signature: ApprovalTask, tasks: Iterable[ApprovalTask]) -> Iterable[int]:
    """The people for whom this was the last signature that they wanted first."""
    seats = [task for task in tasks if task.visit_id == signature.visit_id]
    while (adder := signature.added_to) is not None:
        was_first = signature.position == ApprovalTask.Position.BEFORE
        if was_first and adder.state == TaskState.PENDING and not waits_for_others(adder, seats):
            yield adder.assignee_id
        signature = adder


def applicant(events: Sequence[Event]) -> Iterable[Hearer]:
    """Whoever asked."""
    return (Hearer(event, event.ticket.applicant_id) for event in events)


def named(key: str) -> Callable[[Sequence[Event]], Iterable[Hearer]]:
    """The people whom the event names under this key: one username or a list of them."""

    def hear(events: Sequence[Event]) -> Iterable[Hearer]:
        names = {event.pk: _listed(event.data.get(key)) for event in events}
        ids = _ids_of(name for found in names.values() for name in found)
        return (Hearer(event, ids[name]) for event in events for name in names[event.pk] if name in ids)

    return hear


def _listed(value: str | list[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else value or []


def _ids_of(names: Iterable[str]) -> dict[str, int]:
    return dict(User.objects.filter(username__in=set(names)).values_list("username", "pk"))


def pending_until_now(events: Sequence[Event]) -> Iterable[Hearer]:
    """Those whose task this very event took away."""
    gone = Q()
    for event in events:
        gone |= Q(ticket=event.ticket_id, state="cancelled", decided_at=event.at)
    rows = ApprovalTask.objects.filter(gone).values_list("ticket_id", "decided_at", "assignee_id").distinct()
    return (
        Hearer(event, user)
        for event in events
        for ticket, at, user in rows
        if (ticket, at) == (event.ticket_id, event.at)
    )


def participants(events: Sequence[Event]) -> Iterable[Hearer]:
    """Everybody who has to do with the ticket now; who only acted for somebody does not."""
    tickets = {event.ticket_id for event in events}
    now = Participant.objects.standing(timezone.now()).exclude(kind=Participant.Kind.AGENT)
    rows = list(now.filter(ticket__in=tickets).values_list("ticket_id", "user_id").distinct())
    return (Hearer(event, user) for event in events for ticket, user in rows if ticket == event.ticket_id)


def decided_before(events: Sequence[Event]) -> Iterable[Hearer]:
    """Of a change of the form: the applicant, and everybody who has decided about another one before it.

    Whoever decided, and whose seat it was; whoever returned it as well.
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
                yield from (Hearer(event, user) for user in (decider, assignee))


def judged_by_time(events: Sequence[Event]) -> Iterable[Hearer]:
    """The applicant, where time itself decided; what it merely moves is told to those it moves."""
    return applicant([event for event in events if event.data["action"] in ("approve", "veto")])


def failed_child(events: Sequence[Event]) -> Iterable[Hearer]:
    """The applicant of the parent, where a sub-ticket did not come to its end."""
    return applicant([event for event in events if event.data["state"] != TicketState.COMPLETED])


def administrators(events: Sequence[Event]) -> Iterable[Hearer]:
    """All of them."""
    admins = list(User.objects.filter(is_admin=True, is_active=True).values_list("pk", flat=True))
    return (Hearer(event, user) for event in events for user in admins)


def applicant_and_operators(events: Sequence[Event]) -> Iterable[Hearer]:
    """Whoever asked, and whoever may rerun or resolve: the holders of the right, else the administrators."""
    yield from applicant(events)
    holders = RoleMember.objects.filter(role__permissions__contains=[OPERATE], user__is_active=True)
    operators = set(holders.values_list("user_id", flat=True))
    if not operators:
        yield from administrators(events)
    yield from (Hearer(event, user) for event in events for user in operators)


AUDIENCES: dict[str, Callable[[Sequence[Event]], Iterable[Hearer]]] = {
    Kind.TASK_ASSIGNED: assigned,
    Kind.TASK_APPROVED: own_turn_again,
    Kind.TASK_TRANSFERRED: named("assignee"),  # whose proxy did it
    Kind.TASK_SIGN_REMOVED: named("users"),
    Kind.TASK_REASSIGNED: named("from"),
    Kind.TASK_ESCALATED: named("from"),
    Kind.TASK_LEFT: named("users"),
    Kind.TASK_TIMED_OUT: judged_by_time,
    Kind.TICKET_REMINDED: reminded,
    Kind.TICKET_EDITED: decided_before,
    Kind.TICKET_RESUBMITTED: decided_before,
    Kind.TICKET_RETURNED: applicant,
    Kind.TICKET_VETOED: applicant,
    Kind.TICKET_COMPLETED: applicant,
    Kind.TICKET_FAILED: applicant_and_operators,
    Kind.TICKET_STUCK: administrators,
    Kind.EXECUTION_REFUSED: administrators,
    Kind.TICKET_WITHDRAWN: pending_until_now,
    Kind.TICKET_COPIED: named("users"),
    Kind.TICKET_COMMENTED: participants,
    Kind.SUBTICKET_ENDED: failed_child,
    Kind.WEBHOOK_FAILED: administrators,
}

# Nobody needs news of his own act, except where it is not only his.
EVEN_TO_THE_ACTOR = frozenset({Kind.TASK_ASSIGNED, Kind.TICKET_COMPLETED, Kind.TICKET_FAILED})


def hearers(events: Sequence[Event]) -> list[Hearer]:
    """Who hears of these events, each person once per event."""
    by_kind: dict[str, list[Event]] = {}
    for event in events:
        if event.kind in AUDIENCES:
            by_kind.setdefault(event.kind, []).append(event)
    found: dict[tuple[int, int], Hearer] = {}
    for kind, same in by_kind.items():
        for hearer in AUDIENCES[kind](same):
            if hearer.user_id != hearer.event.actor_id or kind in EVEN_TO_THE_ACTOR:
                found.setdefault((hearer.event.pk, hearer.user_id), hearer)
    return list(found.values())
