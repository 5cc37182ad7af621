"""办理/确认: people do something or check a result, and confirm it."""

from collections.abc import Iterator

from templates_engine.approvers import RULES_SCHEMA
from templates_engine.findings.finding import Finding
from templates_engine.nodes.base import Context, NodeType
from templates_engine.nodes.rules import check_rules
from templates_engine.nodes.timing import ON_EDIT, TIMING_CHOICES, TIMING_WORDS, check_timing, timing
from templates_engine.parts import Node


class Confirm(NodeType):
    """One of the assignees confirms; the applicant may be among them."""

    name = "confirm"
    required = {"assignees": RULES_SCHEMA}
    optional = {**timing("approve"), "on_edit": ON_EDIT}
    verbs = ("confirm", "return", "transfer")
    words = {
        "assignees": ("办理人", "assignees"),
        **TIMING_WORDS,
    }
    choices = TIMING_CHOICES

    def check(self, node: Node, path: str, context: Context) -> Iterator[Finding]:
        """Check people, fields and times."""
        yield from check_rules(node["assignees"], f"{path}.assignees", context)
        yield from check_timing(node, path, context)
