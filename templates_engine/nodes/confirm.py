"""办理/确认: people do something, or look at a result, and say so."""

from collections.abc import Iterator
from typing import Any

from templates_engine.approvers import RULES_SCHEMA
from templates_engine.findings import Finding
from templates_engine.nodes.base import Context, NodeType
from templates_engine.nodes.rules import check_rules
from templates_engine.nodes.timing import ON_EDIT, check_timing, timing


class Confirm(NodeType):
    """Any one of the assignees confirms; the applicant may be one."""

    name = "confirm"
    required = {"assignees": RULES_SCHEMA}
    optional = {**timing("approve"), "on_edit": ON_EDIT}

    def check(self, node: dict[str, Any], path: str, context: Context) -> Iterator[Finding]:
        """People, fields and times that do not fit."""
        yield from check_rules(node["assignees"], f"{path}.assignees", context)
        yield from check_timing(node, path, context)
