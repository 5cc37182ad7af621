"""等待: until a time."""

from collections.abc import Iterator
from typing import Any

from templates_engine.findings import Finding
from templates_engine.nodes.base import Context, NodeType
from templates_engine.nodes.rules import check_expression
from templates_engine.shapes import DURATION, EXPRESSION


class Wait(NodeType):
    """Waits `until` a moment (CEL) or `for` a duration; a field that was left empty passes at once."""

    name = "wait"
    optional = {"until": EXPRESSION, "for": DURATION}

    def check(self, node: dict[str, Any], path: str, context: Context) -> Iterator[Finding]:
        """Neither or both; an expression that gives no time."""
        if ("until" in node) == ("for" in node):
            yield Finding("exactly_one", path, {"keys": "until, for"})
        if "until" in node:
            yield from check_expression(node["until"], f"{path}.until", context, "TIMESTAMP", may_be_empty=True)
