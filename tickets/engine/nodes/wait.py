"""等待: waits until a moment."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from templates_engine.program.route import wait_until
from tickets.engine.nodes.base import WAIT, NodeWalker, Page, behind
from tickets.engine.walk import Walk
from tickets.models import NodeVisit, Timer
from tickets.rules.circumstances import content_facts


class Wait(NodeWalker):
    """Stays open until its timer fires; does not wait if the moment has passed or there is none."""

    def enter(self, walk: Walk, key: str) -> Sequence[str | None]:
        """Set the timer."""
        visit = walk.open_visit(key)
        until = end_of(walk, visit)
        if until is None or until <= walk.at:
            walk.close_visit(visit, "passed", state=NodeVisit.State.SKIPPED)
            return behind(walk, key)
        walk.alarm(visit, Timer.Kind.WAIT, until)
        return WAIT

    def shown(self, visit: NodeVisit, page: Page) -> dict[str, Any]:
        """{until}, unless a hidden field shows it."""
        content = page.ticket.content
        if page.hides(page.program.node(visit.node).get("until")):
            return {"until": None}
        if content is None:
            return {}
        until = wait_until(page.program, visit.node, content_facts(content), visit.opened_at)
        return {"until": until if visit.outcome != "passed" else None}


def end_of(walk: Walk, visit: NodeVisit) -> datetime | None:
    """When this visit's wait ends, by the current content; None if there is no such moment."""
    return wait_until(walk.program, visit.node, walk.facts(), visit.opened_at)


def move_alarms(walk: Walk, before: dict[str, datetime | None]) -> None:
    """Set new timers for open waits whose end was moved by an edit. before: ends_of(walk) before the edit."""
    for visit in walk.open_visits():
        if visit.type == "wait" and (until := end_of(walk, visit)) != before[visit.node]:
            walk.alarm(visit, Timer.Kind.WAIT, until or walk.at)


def ends_of(walk: Walk) -> dict[str, datetime | None]:
    """Node → end of its wait, for the open waits."""
    return {visit.node: end_of(walk, visit) for visit in walk.open_visits() if visit.type == "wait"}
