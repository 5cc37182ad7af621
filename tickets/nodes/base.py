"""What the chain asks of a node type."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from tickets.models import NodeVisit
from tickets.walk import Walk

WAIT: Sequence[str] = ()


class NodeWalker(ABC):
    """One kind of node, walked."""

    @abstractmethod
    def enter(self, walk: Walk, key: str) -> Sequence[str | None]:
        """Arrive at the node. Answers the nodes to enter now, None for the end of the chain; WAIT to stay."""

    def settle(self, walk: Walk, visit: NodeVisit) -> str | None:  # noqa: ARG002
        """After a positive decision in this visit: the outcome it closes with, or None to keep waiting."""
        return None


def behind(walk: Walk, key: str) -> Sequence[str | None]:
    """What follows a node."""
    return (walk.program.node(key)["next"],)
