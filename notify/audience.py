"""Who hears of what. One table; each row's function answers for a whole batch of events of its kind."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from accounts.models import Proxy, User
from tickets.events import Kind
from tickets.models import ApprovalTask, Event, Participant


@dataclass(frozen=True)
class Hearer:
    """One person who shall hear of one event; `task` is the approval task that a card would be for."""

    event: Event
    user_id: int
    task: int | None = None


def assigned(events: Sequence[Event]) -> Iterable[Hearer]:
    """Each assignee, and whoever is his proxy now; never the applicant as a proxy (I3). One card a person."""
    seats = _seats(events)
    proxies = list(
        Proxy.objects.active(timezone.now())
        .filter(principal__in={assignee for found in seats.values() for assignee in found})
        .values_list("principal_id", "agent_id", "templates")
    )
    for event in events:
        own = seats[event.pk]
        yield from (Hearer(event, user, task) for user, task in own.items())
        key = event.ticket.template_version.template.key
        agents = {
            agent: own[principal]
            for principal, agent, templates in proxies
            if principal in own and agent not in own and agent != event.ticket.applicant_id
            if templates is None or key in templates
        }
        yield from (Hearer(event, agent, task) for agent, task in agents.items())


def _seats(events: Sequence[Event]) -> dict[int, dict[int, int]]:
    """Event → {assignee: task}, the newest task of each seat that the event names."""
    rows = (
        ApprovalTask.objects.filter(ticket__in={event.ticket_id for event in events})
        .order_by("pk")
        .values_list("ticket_id", "visit__node", "visit__round", "assignee__username", "assignee_id", "pk")
    )
    tasks = {row[:4]: row[4:] for row in rows}
    found: dict[int, dict[int, int]] = {}
    for event in events:
        visit = (event.ticket_id, event.data["node"], event.data["round"])
        names = [seat["username"] for seat in event.data["assignees"]]
        found[event.pk] = dict(tasks[(*visit, name)] for name in names if (*visit, name) in tasks)
    return found


def applicant(events: Sequence[Event]) -> Iterable[Hearer]:
    """Whoever asked."""
    return (Hearer(event, event.ticket.applicant_id) for event in events)


def named(events: Sequence[Event]) -> Iterable[Hearer]:
    """The people whom the event names in `users` or `assignees`."""
    names = {event.pk: event.data.get("users") or event.data.get("assignees") or [] for event in events}
    ids = dict(
        User.objects.filter(username__in={n for found in names.values() for n in found}).values_list("username", "pk")
    )
    return (Hearer(event, ids[name]) for event in events for name in names[event.pk] if name in ids)


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
    """Everybody who has to do with the ticket."""
    tickets = {event.ticket_id for event in events}
    rows = list(Participant.objects.filter(ticket__in=tickets).values_list("ticket_id", "user_id").distinct())
    return (Hearer(event, user) for event in events for ticket, user in rows if ticket == event.ticket_id)


AUDIENCES: dict[str, Callable[[Sequence[Event]], Iterable[Hearer]]] = {
    Kind.TASK_ASSIGNED: assigned,
    Kind.TICKET_REMINDED: named,
    Kind.TICKET_RETURNED: applicant,
    Kind.TICKET_VETOED: applicant,
    Kind.TICKET_COMPLETED: applicant,
    Kind.TICKET_FAILED: applicant,
    Kind.TICKET_WITHDRAWN: pending_until_now,
    Kind.TICKET_COPIED: named,
    Kind.TICKET_COMMENTED: participants,
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
