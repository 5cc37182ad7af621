"""子工单: opens tickets of another template."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from templates_engine.approvers import has_rule
from templates_engine.fields import FIELD_TYPES
from templates_engine.fields.check import check_value
from templates_engine.findings.finding import Finding, suggest
from templates_engine.language.closed import Closed, is_of_closed_values
from templates_engine.nodes.base import Context, NodeType
from templates_engine.nodes.family import check_family
from templates_engine.nodes.rules import check_expression
from templates_engine.parts import Document, Field, Node
from templates_engine.reading.shapes import EXPRESSION, KEY, SLUG

# Types that a field also accepts: 3 for a decimal, "2026-11-21" for a date.
ALSO_TAKES = {"DOUBLE": ("INT",), "TIMESTAMP": ("STRING",)}


class Subticket(NodeType):
    """One child, or one for each element of `for_each`, which is `item` in the expressions of title and form.

    form: field of the child's template → CEL, or a literal that is not a string. wait: which children the parent waits
    for.
    on_child_failure: what happens to the parent when a child is vetoed or withdrawn.
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
    shape = ("[/", "/]")
    words = {
        "template": ("子工单模板", "sub-ticket's template"),
        "for_each": ("逐项", "one for each of"),
        "form": ("表单映射", "its form"),
        "wait": ("等待", "waits for"),
        "on_child_failure": ("子工单失败时", "when a sub-ticket fails"),
        "title": ("标题", "title"),
    }
    choices = {
        "on_child_failure": {"return": ("退回", "return"), "veto": ("否决", "veto"), "continue": ("继续", "continue")},
        "wait": {"all": ("全部子工单", "all"), "any": ("任意一个子工单", "any one"), "none": ("不等待", "none")},
    }

    def check(self, node: Node, path: str, context: Context) -> Iterator[Finding]:
        """Check that the template exists, makes no cycle, and that the values fit its form."""
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


def _chosen_nodes(chain: list[Node]) -> Iterator[str]:
    """Nodes at which the applicant chooses the assignees; nobody does that for a sub-ticket."""
    for node in chain:
        if has_rule(node, "chosen_by"):
            yield node["node"]
        for inner in [*node.get("cases", []), *node.get("branches", [])]:
            yield from _chosen_nodes(inner["chain"])


def _check_form(node: Node, child: Document | None, path: str, context: Context) -> Iterator[Finding]:
    """Findings for values of unknown fields, values that do not fit, and missing values of required fields."""
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
            yield from context.expressions.checker.answers(source, here, choice, key)
        elif field:
            yield from check_value(field, source, here)
    for key, field in fields.items():
        if key not in given and _must_be_given(field):
            yield Finding("missing_child_field", f"{path}.{key}", {"key": key, "template": node["template"]})


def _must_be_given(field: Field) -> bool:
    return bool(field.get("required")) and "default" not in field and "visible_when" not in field


def _types(field: Field) -> tuple[str, ...]:
    """The CEL types that this field of the child accepts; list items are checked when the child is opened."""
    kind = FIELD_TYPES[field["type"]].cel_type(field).name().partition("<")[0]
    return () if kind == "DYN" else (kind, *ALSO_TAKES.get(kind, ()))
