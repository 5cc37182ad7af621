"""How each node type is walked. One line in the table adds one."""

from tickets.nodes import approval, automation, branch, cc, confirm
from tickets.nodes.base import NodeWalker

WALKERS: dict[str, NodeWalker] = {
    "approval": approval.Approval(),
    "confirm": confirm.Confirm(),
    "cc": cc.Cc(),
    "branch": branch.Branch(),
    "automation": automation.Automation(),
}

__all__ = ["WALKERS", "NodeWalker"]
