"""Deadlines of nodes at which people act."""

from collections.abc import Iterator

from templates_engine.approvers import ONE_RULE
from templates_engine.findings.finding import Finding
from templates_engine.language.durations import duration
from templates_engine.nodes.base import Context
from templates_engine.nodes.rules import check_rule
from templates_engine.parts import Node
from templates_engine.reading.shapes import DURATION, Schema, mapping


def timing(*on_timeout: str) -> dict[str, Schema]:
    """The schemas of due (the deadline), remind (how long before it) and on_timeout (what happens then)."""
    handing_over = {"if": {"type": "object"}, "then": mapping({"transfer": ONE_RULE})}
    return {
        "due": DURATION,
        "remind": {"type": "array", "items": DURATION, "minItems": 1, "maxItems": 10, "uniqueItems": True},
        "on_timeout": {**handing_over, "else": {"enum": ["remind", "escalate", *on_timeout]}},
    }


ON_EDIT: Schema = {"enum": ["ask_again", "inform"]}  # the effect of a later change on decisions made here
TIMING_WORDS = {
    "due": ("时限", "time limit"),
    "remind": ("提醒", "reminders"),
    "on_timeout": ("超时处理", "when time is up"),
    "on_edit": ("之后被修改时", "after a change"),
}
TIMING_CHOICES = {
    "on_timeout": {
        "remind": ("提醒", "remind"),
        "escalate": ("上报", "escalate"),
        "approve": ("通过", "approve"),
        "veto": ("否决", "veto"),
    },
    "on_edit": {"ask_again": ("再次审批", "ask again"), "inform": ("告知", "inform")},
}


def check_timing(node: Node, path: str, context: Context) -> Iterator[Finding]:
    """Findings for reminders or on_timeout without a deadline, reminders before its start, and a transfer to nobody."""
    due = node.get("due")
    for key in ("remind", "on_timeout"):
        if key in node and due is None:
            yield Finding("needs_due", f"{path}.{key}", {"key": key})
    for index, before in enumerate(node.get("remind", [])):
        if due is not None and duration(before) >= duration(due):
            yield Finding("remind_too_early", f"{path}.remind[{index}]", {"value": before, "due": due})
    handling = node.get("on_timeout")
    if isinstance(handling, dict):
        yield from check_rule(handling["transfer"], f"{path}.on_timeout.transfer", context)
