"""子工单: tickets of another template, opened from this one."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from templates_engine.approvers import has_rule
from templates_engine.closed import Closed, is_of_closed_values
from templates_engine.fields import FIELD_TYPES
from templates_engine.fields.check import check_value
from templates_engine.findings import Finding, suggest
from templates_engine.nodes.base import Context, NodeType
from templates_engine.nodes.family import check_family
from templates_engine.nodes.rules import check_expression
from templates_engine.shapes import EXPRESSION, KEY, SLUG

# What a field takes beside its own type in expressions: 3 fits where decimals do, a day may come as "2026-11-21".
ALSO_TAKES = {"DOUBLE": ("INT",), "TIMESTAMP": ("STRING",)}


class Subticket(NodeType):
    """One child, or one for each element of `for_each`, which expressions of title and form know as `item`.

    form: field of the child's template → CEL, or a literal that is no string. wait: for whom the parent waits.
    on_child_failure: what becomes of the parent when a child is vetoed or withdrawn.
    """

    name = "subticket"
    required = {"template": SLUG}
    optional = {
        "for_each": EXPRESSION,
        "title": EXPRESSION,
        "form": {"type": "object", "maxProperties": 200, "propertyNames": KEY},
        "wait": {"enum": ["all", "any", "none"]},
        "on_child_failure": {"enum": ["return", "veto", "continue"]},
    }

    def check(self, node: dict[str, Any], path: str, context: Context) -> Iterator[Finding]:
        """An unknown template, one that leads back here, and values that do not fit its form."""
        inside = context
        if "for_each" in node:
            problems = check_expression(node["for_each"], f"{path}.for_each", context, "LIST", may_be_empty=True)
            yield from problems
            if not all(map(is_of_closed_values, problems)):
                return
            inside = replace(context, expressions=context.expressions.with_item_of(node["for_each"]))
        if "title" in node:
            yield from check_expression(node["title"], f"{path}.title", inside, "STRING")
        key = node["template"]
        child = context.templates.get(key) if key != context.key else None
        if child is None and key != context.key:
            details = {
                "key": key,
                "suggestion": suggest(key, [other for other in context.templates if other != context.key]),
            }
            yield Finding("unknown_template", f"{path}.template", details)
        yield from check_family(key, f"{path}.template", context)
        yield from _check_form(node, child, f"{path}.form", inside)
        for chosen in _chosen_nodes(child["chain"]) if child else ():
            yield Finding("child_needs_choice", f"{path}.template", {"key": key, "node": chosen})


def _chosen_nodes(chain: list[dict[str, Any]]) -> Iterator[str]:
    """Nodes at which the applicant says who acts: nobody does so for a sub-ticket."""
    for node in chain:
        if has_rule(node, "chosen_by"):
            yield node["node"]
        for inner in [*node.get("cases", []), *node.get("branches", [])]:
            yield from _chosen_nodes(inner["chain"])


def _check_form(node: dict[str, Any], child: dict[str, Any] | None, path: str, context: Context) -> Iterator[Finding]:
    """Values for fields that the child has not, that do not fit, or that it needs and does not get."""
    given: dict[str, Any] = node.get("form", {})
    fields = {field["key"]: field for field in child["form"]} if child else {}
    closed = Closed(fields, context.directory)
    for key, source in given.items():
        here, field = f"{path}.{key}", fields.get(key)
        if child and field is None:
            yield Finding("unknown_key", here, {"key": key, "suggestion": suggest(key, list(fields))})
        elif field and field["type"] == "attachment":
            yield Finding("files_stay", here, {"key": key})
        elif isinstance(source, str):
            wanted = _types(field) if field else ()
            yield from check_expression(source, here, context, *wanted, may_be_empty=True)
            choice = closed.of_field(field) if field else None
            yield from context.expressions.judge.answers(source, here, choice, key)
        elif field:
            yield from check_value(field, source, here)
    for key, field in fields.items():
        if key not in given and _must_be_given(field):
            yield Finding("missing_child_field", f"{path}.{key}", {"key": key, "template": node["template"]})


def _must_be_given(field: dict[str, Any]) -> bool:
    return bool(field.get("required")) and "default" not in field and "visible_when" not in field


def _types(field: dict[str, Any]) -> tuple[str, ...]:
    """The CEL types that this field of the child takes; its items are checked when the child is opened."""
    kind = FIELD_TYPES[field["type"]].cel_type(field).name().partition("<")[0]
    return () if kind == "DYN" else (kind, *ALSO_TAKES.get(kind, ()))
