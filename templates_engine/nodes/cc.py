"""抄送: people are told."""

from collections.abc import Iterator
from typing import Any

from templates_engine.approvers import RULES_SCHEMA
from templates_engine.findings import Finding
from templates_engine.nodes.base import Context, NodeType, check_rules


class Cc(NodeType):
    """Tells people and goes on at once."""

    name = "cc"
    required = {"to": RULES_SCHEMA}

    def check(self, node: dict[str, Any], path: str, context: Context) -> Iterator[Finding]:
        """Unknown people."""
        yield from check_rules(node["to"], f"{path}.to", context.directory)
