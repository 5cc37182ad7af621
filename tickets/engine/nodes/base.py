"""Base class of node walkers."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from templates_engine.program.program import Program
from tickets.engine.walk import Walk
from tickets.models import NodeVisit, Ticket

WAIT: Sequence[str] = ()


@dataclass(frozen=True)
class Page:
    """What a node may say on a ticket's page. children: the sub-tickets as the page lists them.

    hides: whether an expression of the node names a field that is hidden from the reader.
    """

    ticket: Ticket
    program: Program
    children: Sequence[dict[str, Any]]
    hides: Callable[[Any], bool]


class NodeWalker(ABC):
    """Walks one type of node."""

    @abstractmethod
    def enter(self, walk: Walk, key: str) -> Sequence[str | None]:
        """Enter the node. Returns the nodes to enter next (None for the end of the chain), or WAIT to stay."""

    def settle(self, walk: Walk, visit: NodeVisit) -> str | None:  # noqa: ARG002
        """After a positive decision in this visit: the outcome to close it with, or None to keep waiting."""
        return None

    def shown(self, visit: NodeVisit, page: Page) -> dict[str, Any]:  # noqa: ARG002
        """What the page says about a visit, beyond what it says about every visit."""
        return {}


def behind(walk: Walk, key: str) -> Sequence[str | None]:
    """What follows a node."""
    return (walk.program.node(key)["next"],)
