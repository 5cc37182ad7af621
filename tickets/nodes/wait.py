"""等待: until a moment."""

from collections.abc import Sequence

from templates_engine.route import wait_until
from tickets.models import NodeVisit, Timer
from tickets.nodes.base import WAIT, NodeWalker, behind
from tickets.walk import Walk


class Wait(NodeWalker):
    """Stays open until its timer fires; a moment that has passed, or none at all, is not waited for."""

    def enter(self, walk: Walk, key: str) -> Sequence[str | None]:
        """Set the alarm."""
        visit = walk.open_visit(key)
        until = wait_until(walk.program, key, walk.facts(), walk.at)
        if until is None or until <= walk.at:
            walk.close_visit(visit, "passed", state=NodeVisit.State.SKIPPED)
            return behind(walk, key)
        walk.alarm(visit, Timer.Kind.WAIT, until)
        return WAIT
