"""办理/确认: people do something, or look at a result, and say so."""

from collections.abc import Iterator
from typing import Any

from templates_engine.approvers import RULES_SCHEMA
from templates_engine.findings import Finding
from templates_engine.nodes.base import Context, NodeType, check_rules
from templates_engine.shapes import DURATION


class Confirm(NodeType):
    """Any one of the assignees confirms; the applicant may be one."""

    name = "confirm"
    required = {"assignees": RULES_SCHEMA}
    optional = {"due": DURATION}

    def check(self, node: dict[str, Any], path: str, context: Context) -> Iterator[Finding]:
        """Unknown people."""
        yield from check_rules(node["assignees"], f"{path}.assignees", context.directory)
