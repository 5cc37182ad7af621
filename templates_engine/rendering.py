"""Nodes with every expression evaluated: what is shown, hashed and done later on (I15)."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from templates_engine.durations import duration
from templates_engine.expressions import ExpressionFailed, Expressions, Facts
from templates_engine.fields import FIELD_TYPES
from templates_engine.findings import Finding
from templates_engine.program import Program

MOST_CHILDREN = 100
MOST_TITLE = 200


@dataclass(frozen=True)
class Rendered:
    """What an automation node asks for. batch and on_failure: as authored, None where the node does not say."""

    action: str
    params: dict[str, Any]
    hosts: list[str]
    not_before: datetime | None
    batch: Any = None
    on_failure: str | None = None


class Unplannable(Exception):
    """An expression on the way cannot be evaluated with these values.

    finding: which one. steps: the way up to there.
    """

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        self.steps: list[Any] = []
        super().__init__(finding.code)


def render(program: Program, key: str, facts: Facts) -> Rendered:
    """An automation node. Raises Unplannable."""
    node, here = program.node(key), f"chain.{key}"
    expressions = program.expressions
    params = {
        name: _value(expressions, source, facts, f"{here}.params.{name}")
        for name, source in node.get("params", {}).items()
    }
    hosts = _value(expressions, node["targets"], facts, f"{here}.targets") if "targets" in node else []
    moment = node.get("at")
    not_before = None
    if moment is not None and not _reads_empty(moment, expressions, facts):
        not_before = _value(expressions, moment, facts, f"{here}.at")
    return Rendered(node["action"], params, hosts, not_before, node.get("batch"), node.get("on_failure"))


def render_webhook(program: Program, key: str, facts: Facts) -> dict[str, Any]:
    """{url, body} of a webhook node, as plain JSON; a field that was left empty is null. Raises Unplannable."""
    node = program.node(key)
    body = {
        name: None
        if _reads_empty(source, program.expressions, facts)
        else _plain(_value(program.expressions, source, facts, f"chain.{key}.body.{name}"))
        for name, source in node.get("body", {}).items()
    }
    return {"url": node["url"], "body": body}


def wait_until(program: Program, key: str, facts: Facts, at: datetime) -> datetime | None:
    """Until when a wait node that opens `at` waits; None where the field it names was left empty.

    The moment may have passed already. Raises Unplannable.
    """
    node = program.node(key)
    if "for" in node:
        return at + duration(node["for"])
    if _reads_empty(node["until"], program.expressions, facts):
        return None
    path = f"chain.{key}.until"
    moment = _value(program.expressions, node["until"], facts, path)
    if not isinstance(moment, datetime):
        raise _failed(path, "not a time")
    return moment


def render_children(
    program: Program, key: str, facts: Facts, child_form: list[dict[str, Any]] | None = None
) -> list[dict[str, Any]]:
    """[{template, title, form}]: the children that a subticket node opens, one per item of for_each, else one.

    child_form: the fields of the child's template, so that times become what its fields take. The values are as
    somebody would have typed them, still to be checked against that form. Raises Unplannable.
    """
    node, here = program.node(key), f"chain.{key}"
    expressions, items = program.expressions, [None]
    if "for_each" in node:
        items = _items(node["for_each"], expressions, facts, f"{here}.for_each")
        expressions = expressions.with_item_of(node["for_each"])
    fields = {field["key"]: field for field in child_form or []}
    return [_child(node, expressions, replace(facts, item=item), fields, here) for item in items]


def _items(source: str, expressions: Expressions, facts: Facts, path: str) -> list[Any]:
    if _reads_empty(source, expressions, facts):
        return []
    items = _value(expressions, source, facts, path)
    if not isinstance(items, list):
        raise _failed(path, "not a list")
    if len(items) > MOST_CHILDREN:
        raise Unplannable(Finding("too_many_children", path, {"limit": MOST_CHILDREN}))
    return items


def _child(
    node: dict[str, Any], expressions: Expressions, facts: Facts, fields: dict[str, dict[str, Any]], path: str
) -> dict[str, Any]:
    title = _value(expressions, node["title"], facts, f"{path}.title") if "title" in node else ""
    form = {
        name: _as_typed(_value(expressions, source, facts, f"{path}.form.{name}"), fields.get(name, {}))
        for name, source in node.get("form", {}).items()
        if not _reads_empty(source, expressions, facts)
    }
    return {"template": node["template"], "title": " ".join(str(title).split())[:MOST_TITLE], "form": form}


def _as_typed(value: Any, field: dict[str, Any]) -> Any:
    """A value as this field's form takes it: days and times by the company's clock."""
    return _plain(FIELD_TYPES[field["type"]].from_cel(field, value) if field else value)


def _plain(value: Any) -> Any:
    """What an expression answered, as JSON can say it."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)


def _reads_empty(source: Any, expressions: Expressions, facts: Facts) -> bool:
    """Whether the expression is just a field that was left empty."""
    if not isinstance(source, str):
        return False
    prefix, _dot, name = source.strip().partition(".")
    return prefix == "form" and name in expressions.fields and name not in facts.form


def _value(expressions: Expressions, source: Any, facts: Facts, path: str) -> Any:
    if not isinstance(source, str):
        return source
    try:
        return expressions.evaluate(source, facts)
    except ExpressionFailed as error:
        raise _failed(path, str(error)) from error


def _failed(path: str, problem: str) -> Unplannable:
    return Unplannable(Finding("expression_failed", path, {"problem": problem}))
