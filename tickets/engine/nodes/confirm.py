"""办理/确认: any one of the assignees confirms."""

from collections.abc import Sequence

from tickets.engine.nodes.base import NodeWalker
from tickets.engine.nodes.seating import ask_people
from tickets.engine.walk import Walk
from tickets.models import NodeVisit
from tickets.states import TaskState


class Confirm(NodeWalker):
    """People do something or check a result, and confirm it."""

    def enter(self, walk: Walk, key: str) -> Sequence[str | None]:
        """Ask people and wait."""
        return ask_people(walk, key)

    def settle(self, walk: Walk, visit: NodeVisit) -> str | None:
        """`confirmed` with the first confirmation."""
        return "confirmed" if any(t.state == TaskState.CONFIRMED for t in walk.tasks_of(visit)) else None
