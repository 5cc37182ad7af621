"""The node types of templates: schema and checks. tickets/engine/nodes/ runs them."""

from templates_engine.nodes.approval import Approval
from templates_engine.nodes.automation import Automation
from templates_engine.nodes.base import NodeType
from templates_engine.nodes.branch import Branch
from templates_engine.nodes.cc import Cc
from templates_engine.nodes.confirm import Confirm
from templates_engine.nodes.parallel import Parallel
from templates_engine.nodes.subticket import Subticket
from templates_engine.nodes.wait import Wait
from templates_engine.nodes.webhook import Webhook

NODE_TYPES: dict[str, NodeType] = {
    "approval": Approval(),
    "confirm": Confirm(),
    "cc": Cc(),
    "branch": Branch(),
    "parallel": Parallel(),
    "automation": Automation(),
    "subticket": Subticket(),
    "webhook": Webhook(),
    "wait": Wait(),
}

__all__ = ["NODE_TYPES", "NodeType"]
