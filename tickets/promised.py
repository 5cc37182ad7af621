"""What a timer may believe: until when people have time, and until when is waited, by the trail (I21, A32).

An instant in a row can be moved by whoever can write to the database; the system would then approve, veto or hand on
before the time is up, and write a true event of it.
"""

import logging
from collections.abc import Iterable
from datetime import datetime

from config import pulses
from templates_engine.durations import duration
from tickets.audit import breaks_of, content_is_sound
from tickets.events import Kind
from tickets.models import ApprovalTask, Event, NodeVisit, Timer
from tickets.walk import Walk

logger = logging.getLogger("baton.timers")


def trail_of(walk: Walk, visit: NodeVisit) -> list[Event] | None:
    """What the trail says of this visit, oldest first; None, counted and logged, where the ticket is not whole."""
    trail = list(Event.objects.filter(ticket=walk.ticket).order_by("seq"))
    broken = next(map(str, breaks_of(walk.ticket, trail, walk.tasks, [walk.content])), "")
    if not broken and not content_is_sound(walk.ticket, walk.content):
        broken = "changed_content"
    if broken:
        distrust(walk, visit, broken)
        return None
    return [event for event in trail if (event.data.get("node"), event.data.get("round")) == (visit.node, visit.round)]


def distrust(walk: Walk, visit: NodeVisit, what: str) -> None:
    """Count and log that a timer's rows are not as the trail says."""
    logger.error("timer.not_believed", extra={"ticket": walk.ticket.number, "node": visit.node, "what": what})
    pulses.beat("unsealed:timer")


def opened_at(told: Iterable[Event]) -> datetime:
    """When the visit that these events tell of was opened."""
    return next(event.at for event in told if event.kind == Kind.NODE_OPENED)


def in_time(walk: Walk, visit: NodeVisit, told: Iterable[Event], late: Iterable[ApprovalTask]) -> list[ApprovalTask]:
    """Those of the late tasks whose time is really up; of the others rows and timer are put right."""
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
    """Username → until when he has time, as was said when he was asked; nobody has less than the node gives.

    Events from before `due` was said in them know the node's time only.
    """
    limits: dict[str, datetime | None] = {}
    time = walk.program.node(visit.node).get("due")
    floor = None
    for event in told:
        if event.kind != Kind.TASK_ASSIGNED or time is None:
            continue
        floor = floor or event.at + duration(time)
        for seat in event.data["assignees"]:
            said = datetime.fromisoformat(seat["due"]) if seat.get("due") else None
            limits[seat["username"]] = None if "due" in seat and said is None else max(said or floor, floor)
    return limits
