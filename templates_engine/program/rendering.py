"""Evaluates the expressions of nodes; the results are shown, hashed and run later (I15)."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from templates_engine.fields import FIELD_TYPES
from templates_engine.findings.finding import Finding
from templates_engine.language.durations import duration
from templates_engine.language.expressions import ExpressionFailed, Expressions, Facts
from templates_engine.nodes.runs import is_output, steps_of, way_back
from templates_engine.parts import Field, Node, Step
from templates_engine.program.program import Program

MOST_CHILDREN = 100
MOST_TITLE = 200


@dataclass(frozen=True)
class Rendered:
    """The values of an automation node. batch, on_failure, dry_run, rollback: None if the node does not set them.

    action, params: of the first stage. stages: all stages, if there are several. rollback: `previous`, or a step.
    """

    action: str
    params: dict[str, Any]
    hosts: list[str]
    not_before: datetime | None
    batch: Any = None
    on_failure: str | None = None
    dry_run: str | None = None
    stages: tuple["AskedStep", ...] = ()
    rollback: "AskedStep | str | None" = None


@dataclass(frozen=True)
class AskedStep:
    """One action with its values. take: parameter → {from, output}, an output of an earlier stage."""

    action: str
    params: dict[str, Any]
    take: dict[str, dict[str, Any]]


class Unplannable(Exception):
    """An expression on the path cannot be evaluated with these values.

    finding: which one. steps: the path up to it.
    """

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        self.steps: list[Any] = []
        super().__init__(finding.code)


def render(program: Program, key: str, facts: Facts) -> Rendered:
    """The values of an automation node. Raises Unplannable."""
    node, here = program.node(key), f"chain.{key}"
    expressions = program.expressions
    steps = [
        _step(expressions, step, facts, f"{here}{path}", is_first=not index)
        for index, (path, step) in enumerate(steps_of(node))
    ]
    back = way_back(node)
    rollback = _step(expressions, back, facts, f"{here}.rollback", is_first=True) if back else node.get("rollback")
    hosts = _value(expressions, node["targets"], facts, f"{here}.targets") if "targets" in node else []
    moment = node.get("at")
    not_before = None
    if moment is not None and not _reads_empty(moment, expressions, facts):
        not_before = _value(expressions, moment, facts, f"{here}.at")
    stages = tuple(steps) if len(steps) > 1 else ()
    taken_back = None if rollback == "none" else rollback
    return Rendered(
        steps[0].action, steps[0].params, hosts, not_before, batch=node.get("batch"), on_failure=node.get("on_failure"),
        dry_run=node.get("dry_run"), stages=stages, rollback=taken_back,
    )  # fmt: skip


def _step(expressions: Expressions, step: Step | Node, facts: Facts, path: str, *, is_first: bool) -> AskedStep:
    sources = step.get("params", {})
    take = {} if is_first else {name: source for name, source in sources.items() if is_output(source)}
    params = {
        name: _value(expressions, source, facts, f"{path}.params.{name}")
        for name, source in sources.items()
        if name not in take
    }
    return AskedStep(step["action"], params, take)


def render_webhook(program: Program, key: str, facts: Facts) -> dict[str, Any]:
    """{url, body} of a webhook node, as plain JSON; an empty field is null. Raises Unplannable."""
    node = program.node(key)
    body = {
        name: None
        if _reads_empty(source, program.expressions, facts)
        else _plain(_value(program.expressions, source, facts, f"chain.{key}.body.{name}"))
        for name, source in node.get("body", {}).items()
    }
    return {"url": node["url"], "body": body}


def wait_until(program: Program, key: str, facts: Facts, at: datetime) -> datetime | None:
    """The time until which a wait node, opened at `at`, waits; None if its field is empty.

    The time may be in the past. Raises Unplannable.
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
    program: Program, key: str, facts: Facts, child_form: list[Field] | None = None
) -> list[dict[str, Any]]:
    """[{template, title, form}]: the children that a subticket node opens, one per item of for_each, else one.

    child_form: the fields of the child's template, used to convert times for its fields. The values are as if typed in,
    and still have to be checked against that form. Raises Unplannable.
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


def _child(node: Node, expressions: Expressions, facts: Facts, fields: dict[str, Field], path: str) -> dict[str, Any]:
    title = _value(expressions, node["title"], facts, f"{path}.title") if "title" in node else ""
    form = {
        name: _as_typed(_value(expressions, source, facts, f"{path}.form.{name}"), fields.get(name))
        for name, source in node.get("form", {}).items()
        if not _reads_empty(source, expressions, facts)
    }
    return {"template": node["template"], "title": " ".join(str(title).split())[:MOST_TITLE], "form": form}


def _as_typed(value: Any, field: Field | None) -> Any:
    """A value in the form that this field accepts: dates and times in the company's zone."""
    return _plain(FIELD_TYPES[field["type"]].from_cel(field, value) if field else value)


def _plain(value: Any) -> Any:
    """The result of an expression as plain JSON."""
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
    """Whether the expression is just one field, and it is empty."""
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
