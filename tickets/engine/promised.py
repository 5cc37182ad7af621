"""Check deadlines and waits against the trail before a timer acts on them (I21, A32).

Whoever can write to the database can move an instant in a row. The system would then approve, veto or hand on too
early, and record a valid event of it.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from config import pulses
from templates_engine.language.durations import duration
from tickets.audit.verify import breaks_of, content_is_sound
from tickets.engine.walk import Walk
from tickets.models import ApprovalTask, Event, NodeVisit, Timer
from tickets.trail.events import Kind

logger = logging.getLogger("baton.timers")


Trail = list[Event]


def trails_of(tickets: Iterable[int]) -> dict[int, Trail]:
    """The events of these tickets, which are locked: ticket → events, oldest first. One statement."""
    trails: defaultdict[int, Trail] = defaultdict(list)
    for event in Event.objects.filter(ticket__in=list(tickets)).order_by("ticket", "seq"):
        trails[event.ticket_id].append(event)
    return trails


def told_of(walk: Walk, visit: NodeVisit, trail: Trail) -> Trail | None:
    """The ticket's events about this visit; None, counted and logged, if the ticket contradicts its trail."""
    broken = next(map(str, breaks_of(walk.ticket, trail, walk.tasks, [walk.content])), "")
    if not broken and not content_is_sound(walk.ticket, walk.content):
        broken = "changed_content"
    if broken:
        distrust(walk, visit, broken)
        return None
    return [event for event in trail if (event.data.get("node"), event.data.get("round")) == (visit.node, visit.round)]


def distrust(walk: Walk, visit: NodeVisit, what: str) -> None:
    """Count and log that rows used by a timer contradict the trail."""
    logger.error("timer.not_believed", extra={"ticket": walk.ticket.number, "node": visit.node, "what": what})
    pulses.beat("unsealed:timer")


def opened_at(told: Iterable[Event]) -> datetime:
    """When the visit of these events was opened."""
    return next(event.at for event in told if event.kind == Kind.NODE_OPENED)


def in_time(walk: Walk, visit: NodeVisit, told: Iterable[Event], late: Iterable[ApprovalTask]) -> list[ApprovalTask]:
    """Return the late tasks whose deadline has really passed; correct rows and timers of the others."""
    limits = _limits(walk, visit, told)
    up = []
    for task in late:
        limit = limits.get(task.assignee.username)
        if limit is not None and limit <= walk.at:
            up.append(task)
            continue
        distrust(walk, visit, f"task {task.pk} is due at {limit or 'no time'}")
        ApprovalTask.objects.filter(pk=task.pk).update(due_at=limit)
        if limit is not None:
            walk.alarm(visit, Timer.Kind.DUE, limit)
    return up


def _limits(walk: Walk, visit: NodeVisit, told: Iterable[Event]) -> dict[str, datetime | None]:
    """Username → deadline, as recorded when the person was asked; nobody has less time than the node gives.

    Older events have no `due`; for them only the node's time counts.
    """
    limits: dict[str, datetime | None] = {}
    time = walk.program.node(visit.node).get("due")
    floor = None
    for event in told:
        if event.kind != Kind.TASK_ASSIGNED or time is None:
            continue
        floor = floor or event.at + duration(time)
        for seat in Kind.TASK_ASSIGNED.of(event)["assignees"]:
            said = datetime.fromisoformat(due) if (due := seat.get("due")) else None
            limits[seat["username"]] = None if "due" in seat and said is None else max(said or floor, floor)
    return limits
