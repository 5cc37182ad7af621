"""What the chain asks of a node type."""

from abc import ABC, abstractmethod
from datetime import datetime, timedelta
from typing import Any

from tickets.models import NodeVisit
from tickets.walk import Walk

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class NodeWalker(ABC):
    """One kind of node, walked."""

    @abstractmethod
    def enter(self, walk: Walk, key: str) -> str | None:
        """Arrive at the node. Answers the key to go on with, WAIT, or None for the end of the chain."""

    def settle(self, walk: Walk, visit: NodeVisit) -> str | None:  # noqa: ARG002
        """After a positive decision in this visit: the outcome it closes with, or None to keep waiting."""
        return None


WAIT = "\0wait"  # no node's key: keys are printable


def due_at(node: dict[str, Any], at: datetime) -> datetime | None:
    """When a node's tasks are due: `due` counted from now."""
    due = node.get("due")
    return at + timedelta(**{UNITS[due[-1]]: int(due[:-1])}) if due else None
