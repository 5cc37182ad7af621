"""等待: until a moment."""

from collections.abc import Sequence
from datetime import datetime

from templates_engine.route import wait_until
from tickets.models import NodeVisit, Timer
from tickets.nodes.base import WAIT, NodeWalker, behind
from tickets.walk import Walk


class Wait(NodeWalker):
    """Stays open until its timer fires; a moment that has passed, or none at all, is not waited for."""

    def enter(self, walk: Walk, key: str) -> Sequence[str | None]:
        """Set the alarm."""
        visit = walk.open_visit(key)
        until = end_of(walk, visit)
        if until is None or until <= walk.at:
            walk.close_visit(visit, "passed", state=NodeVisit.State.SKIPPED)
            return behind(walk, key)
        walk.alarm(visit, Timer.Kind.WAIT, until)
        return WAIT


def end_of(walk: Walk, visit: NodeVisit) -> datetime | None:
    """Until when this visit waits, by today's content; None for no moment at all."""
    return wait_until(walk.program, visit.node, walk.facts(), visit.opened_at)


def move_alarms(walk: Walk, before: dict[str, datetime | None]) -> None:
    """Set the timers of open waits of which an edit has moved the moment. before: ends_of(walk), before the edit."""
    for visit in walk.open_visits():
        if visit.type == "wait" and (until := end_of(walk, visit)) != before[visit.node]:
            walk.alarm(visit, Timer.Kind.WAIT, until or walk.at)


def ends_of(walk: Walk) -> dict[str, datetime | None]:
    """Node → until when it waits, of the open waits."""
    return {visit.node: end_of(walk, visit) for visit in walk.open_visits() if visit.type == "wait"}
