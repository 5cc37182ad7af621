"""办理/确认: any one of the assignees confirms."""

from collections.abc import Sequence

from tickets.models import NodeVisit
from tickets.nodes.base import NodeWalker
from tickets.nodes.seating import ask_people
from tickets.states import TaskState
from tickets.walk import Walk


class Confirm(NodeWalker):
    """People do something, or look at a result, and say so."""

    def enter(self, walk: Walk, key: str) -> Sequence[str | None]:
        """Ask, and wait."""
        return ask_people(walk, key)

    def settle(self, walk: Walk, visit: NodeVisit) -> str | None:
        """`confirmed` with the first confirmation."""
        return "confirmed" if any(t.state == TaskState.CONFIRMED for t in walk.tasks_of(visit)) else None
