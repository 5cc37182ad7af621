"""抄送: people get a copy."""

from collections.abc import Iterator

from templates_engine.approvers import TOLD_SCHEMA
from templates_engine.findings.finding import Finding
from templates_engine.nodes.base import Context, NodeType
from templates_engine.nodes.rules import check_rules
from templates_engine.parts import Node


class Cc(NodeType):
    """Notifies people; the chain continues at once."""

    name = "cc"
    required = {"to": TOLD_SCHEMA}
    shape = ("([", "])")
    words = {"to": ("抄送人", "people told")}

    def check(self, node: Node, path: str, context: Context) -> Iterator[Finding]:
        """Check that people and fields exist."""
        yield from check_rules(node["to"], f"{path}.to", context)
