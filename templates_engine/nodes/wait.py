"""等待: waits until a time."""

from collections.abc import Iterator

from templates_engine.findings.finding import Finding
from templates_engine.nodes.base import Context, NodeType
from templates_engine.nodes.rules import check_expression
from templates_engine.parts import Node
from templates_engine.reading.shapes import DURATION, EXPRESSION


class Wait(NodeType):
    """Waits `until` a time (CEL) or `for` a duration; an empty field ends the wait at once."""

    name = "wait"
    optional = {"until": EXPRESSION, "for": DURATION}
    shape = ("(", ")")
    words = {"until": ("等到", "waits until"), "for": ("等待时长", "waits for")}

    def check(self, node: Node, path: str, context: Context) -> Iterator[Finding]:
        """Check that exactly one is given, and that the expression returns a time."""
        if ("until" in node) == ("for" in node):
            yield Finding("exactly_one", path, {"keys": "until, for"})
        if "until" in node:
            yield from check_expression(node["until"], f"{path}.until", context, "TIMESTAMP", may_be_empty=True)
