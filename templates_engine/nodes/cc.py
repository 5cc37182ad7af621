"""抄送: people are told."""

from collections.abc import Iterator
from typing import Any

from templates_engine.approvers import TOLD_SCHEMA
from templates_engine.findings import Finding
from templates_engine.nodes.base import Context, NodeType
from templates_engine.nodes.rules import check_rules


class Cc(NodeType):
    """Tells people and goes on at once."""

    name = "cc"
    required = {"to": TOLD_SCHEMA}

    def check(self, node: dict[str, Any], path: str, context: Context) -> Iterator[Finding]:
        """People and fields that do not exist."""
        yield from check_rules(node["to"], f"{path}.to", context)
