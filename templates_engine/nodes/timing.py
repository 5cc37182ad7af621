"""Time limits of nodes at which people act."""

from collections.abc import Iterator
from typing import Any

from templates_engine.approvers import ONE_RULE
from templates_engine.durations import duration
from templates_engine.findings import Finding
from templates_engine.nodes.base import Context
from templates_engine.nodes.rules import check_rule
from templates_engine.shapes import DURATION, Schema, mapping


def timing(*on_timeout: str) -> dict[str, Schema]:
    """due: how long people have. remind: how long before that they hear of it. on_timeout: what happens then."""
    handing_over = {"if": {"type": "object"}, "then": mapping({"transfer": ONE_RULE})}
    return {
        "due": DURATION,
        "remind": {"type": "array", "items": DURATION, "minItems": 1, "maxItems": 10, "uniqueItems": True},
        "on_timeout": {**handing_over, "else": {"enum": ["remind", "escalate", *on_timeout]}},
    }


ON_EDIT: Schema = {"enum": ["ask_again", "inform"]}  # what a change by somebody later means for who has decided here


def check_timing(node: dict[str, Any], path: str, context: Context) -> Iterator[Finding]:
    """Reminders and consequences without a limit; reminders before its beginning; a hand-over to nobody."""
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
