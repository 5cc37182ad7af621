"""自动化: the machine runs what was approved."""

from collections.abc import Iterator
from typing import Any

from templates_engine.closed import Choice
from templates_engine.findings import Finding, suggest
from templates_engine.nodes.base import Context, NodeType
from templates_engine.nodes.rules import check_expression
from templates_engine.nodes.targets import check_targets
from templates_engine.ports import ActionInfo
from templates_engine.shapes import EXPRESSION, Schema, check

CEL_NAMES = {
    "string": ("STRING",),
    "integer": ("INT",),
    "number": ("DOUBLE", "INT"),
    "boolean": ("BOOL",),
    "array": ("LIST",),
}
BATCH: list[Schema] = [
    {"type": "integer", "minimum": 1, "maximum": 1000},
    {"type": "string", "pattern": r"\A([1-9][0-9]?|100)%\Z"},
]


class Automation(NodeType):
    """One action on hosts. `targets`, `at` and every parameter are CEL expressions.

    A parameter that is not a string is taken literally; so is a CEL string literal such as "'nginx'".
    batch: how many hosts at once, or in each of several steps. on_failure: what a failed batch means for the rest.
    """

    name = "automation"
    required = {"action": {"type": "string"}}
    optional = {
        "targets": EXPRESSION,
        "params": {"type": "object", "maxProperties": 50},
        "at": EXPRESSION,
        "batch": {"anyOf": [*BATCH, {"type": "array", "minItems": 1, "maxItems": 20, "items": {"anyOf": BATCH}}]},
        "on_failure": {"enum": ["stop", "continue"]},
        "rollback": {"const": "none"},
    }

    def check(self, node: dict[str, Any], path: str, context: Context) -> Iterator[Finding]:
        """An unknown action; parameters it lacks, does not know, or that are of another type."""
        action = context.actions.get(node["action"])
        if action is None:
            details = {"key": node["action"], "suggestion": suggest(node["action"], context.actions.keys())}
            yield Finding("unknown_action", f"{path}.action", details)
            return
        if action.needs_targets and "targets" not in node:
            yield Finding("missing_targets", f"{path}.targets", {"key": action.key})
        if "targets" in node:
            yield from check_targets(node["targets"], f"{path}.targets", context)
        if "at" in node:
            yield from check_expression(node["at"], f"{path}.at", context, "TIMESTAMP", may_be_empty=True)
        yield from self._check_params(node.get("params", {}), f"{path}.params", action, context)

    def _check_params(
        self, params: dict[str, Any], path: str, action: ActionInfo, context: Context
    ) -> Iterator[Finding]:
        known: dict[str, Any] = action.params.get("properties", {})
        for name in action.params.get("required", []):
            if name not in params:
                yield Finding("missing_param", f"{path}.{name}", {"key": action.key, "param": name})
        for name, value in params.items():
            here = f"{path}.{name}"
            if name not in known:
                yield Finding("unknown_key", here, {"key": name, "suggestion": suggest(name, list(known))})
            elif isinstance(value, str):
                yield from check_expression(value, here, context, *CEL_NAMES.get(known[name].get("type"), ()))
                choice = Choice(tuple(known[name]["enum"])) if "enum" in known[name] else None
                yield from context.expressions.judge.answers(value, here, choice, name)
            else:
                yield from check(value, known[name], here)
