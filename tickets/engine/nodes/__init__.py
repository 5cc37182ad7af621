"""Table of node walkers: one line per node type."""

from tickets.engine.nodes import approval, automation, branch, cc, confirm, parallel, subticket, wait, webhook
from tickets.engine.nodes.base import NodeWalker

WALKERS: dict[str, NodeWalker] = {
    "approval": approval.Approval(),
    "confirm": confirm.Confirm(),
    "cc": cc.Cc(),
    "branch": branch.Branch(),
    "parallel": parallel.Parallel(),
    "join": parallel.Join(),
    "automation": automation.Automation(),
    "subticket": subticket.Subticket(),
    "webhook": webhook.Webhook(),
    "wait": wait.Wait(),
}

__all__ = ["WALKERS", "NodeWalker"]
