"""办理/确认: any one of the assignees confirms."""

from tickets.models import NodeVisit
from tickets.nodes.approval import open_with_people
from tickets.nodes.base import WAIT, NodeWalker
from tickets.states import TaskState
from tickets.walk import Walk


class Confirm(NodeWalker):
    """People do something, or look at a result, and say so."""

    def enter(self, walk: Walk, key: str) -> str | None:
        """Ask, and wait."""
        return WAIT if open_with_people(walk, key) else walk.program.node(key)["next"]

    def settle(self, walk: Walk, visit: NodeVisit) -> str | None:
        """`confirmed` with the first confirmation."""
        return "confirmed" if any(t.state == TaskState.CONFIRMED for t in walk.tasks_of(visit)) else None
