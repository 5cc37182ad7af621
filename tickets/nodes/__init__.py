"""How each node type is walked. One line in the table adds one."""

from tickets.nodes import approval, automation, branch, cc, confirm, parallel, subticket, wait, webhook
from tickets.nodes.base import NodeWalker

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
