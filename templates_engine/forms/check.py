"""Checks the form of a template document: shapes, limits, defaults, and the expressions of fields."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from templates_engine.fields import CELL_TYPES, FIELD_TYPES, FieldType
from templates_engine.fields.base import Bound
from templates_engine.fields.cascade import MOST_PATHS, paths
from templates_engine.fields.check import check_value
from templates_engine.fields.table import column_schema
from templates_engine.findings.finding import Finding
from templates_engine.forms.values import computed
from templates_engine.language.checker import Assumption
from templates_engine.language.closed import is_of_closed_values
from templates_engine.language.expressions import Expressions
from templates_engine.language.keys import fields_read
from templates_engine.parts import Field
from templates_engine.reading.shapes import EXPRESSION, Schema, check, mapping
from templates_engine.text import both

COMPUTED: Schema = mapping({"expression": EXPRESSION})


def check_fields(form: list[Field]) -> Iterator[Finding]:
    """All findings about a form's fields that need no expressions."""
    yield from _check_all(form, "form", FIELD_TYPES, {key: kind.document_schema() for key, kind in FIELD_TYPES.items()})


def check_field_expressions(form: list[Field], expressions: Expressions) -> Iterator[Finding]:
    """Findings about the conditions and computed defaults of a form whose fields are valid."""
    for index, item in enumerate(form):
        path = f"form[{index}]"
        if "visible_when" in item:
            source, here = item["visible_when"], f"{path}.visible_when"
            yield from _condition(expressions, source, here)
        if "required_when" in item:
            source, here = item["required_when"], f"{path}.required_when"
            shown = ((item["visible_when"], True),) if "visible_when" in item else ()
            yield from _condition(expressions, source, here, shown)
        if computed(item):
            later = {field["key"] for field in form[index:]}
            yield from _check_computed(item, f"{path}.default.expression", expressions, later)


def _condition(expressions: Expressions, source: str, path: str, assumed: tuple[Assumption, ...] = ()) -> list[Finding]:
    problems = expressions.check(source, path, "BOOL")
    if not all(map(is_of_closed_values, problems)):
        return problems
    return problems + expressions.unguarded(source, path, assumed)


def _check_all(
    fields: list[Field], path: str, kinds: Mapping[str, FieldType], shapes: dict[str, Schema]
) -> Iterator[Finding]:
    seen: Counter[str] = Counter()
    for index, item in enumerate(fields):
        here = f"{path}[{index}]"
        kind = kinds.get(str(item.get("type")))
        if kind is None:
            details = {"value": str(item.get("type")), "allowed": ", ".join(kinds)}
            yield Finding("wrong_value", f"{here}.type", details)
            continue
        problems = list(check(item, shapes[kind.name], here))
        if not problems and kind.name == "table":
            columns = {key: column_schema(cell) for key, cell in CELL_TYPES.items()}
            problems = list(_check_all(item["columns"], f"{here}.columns", CELL_TYPES, columns))
        yield from problems
        key = str(item.get("key"))
        seen[key] += 1
        if seen[key] == 2:
            yield Finding("duplicate_field", f"{here}.key", {"key": key})
        if not problems:
            yield from _check_limits(item, here)


def _check_limits(item: Field, path: str) -> Iterator[Finding]:
    """Findings for a field that no value can fit, and for a default that does not fit."""
    kind = FIELD_TYPES[item["type"]]
    if item["type"] == "cascade" and sum(1 for _ in paths(item["options"])) > MOST_PATHS:
        yield Finding("too_many_options", f"{path}.options", {"limit": MOST_PATHS})
        return
    yield from _repeated_options(item.get("options", []), f"{path}.options")
    for bound in kind.bounds(item):
        if bound.least > bound.most:
            yield Finding("out_of_range", f"{path}.{bound.high if bound.high in item else bound.low}", _crossed(bound))
    if "default" not in item:
        return
    if computed(item):
        yield from check(item["default"], COMPUTED, f"{path}.default")
    elif list(check_value(item, kind.tidy(item, item["default"]), path)):
        yield Finding("bad_default", f"{path}.default")


def _crossed(bound: Bound) -> dict[str, Any]:
    least, most = f"{bound.least:.15g}", f"{bound.most:.15g}"
    zh = f"{bound.low} 实际至少为 {least}，{bound.high} 实际最多为 {most}"
    return {"limit": both(zh, f"{bound.low} comes to {least} at least, {bound.high} to {most} at most")}


def _repeated_options(options: list[Any], path: str) -> Iterator[Finding]:
    """Findings for values that are repeated among the same options, in either notation, at every level."""
    seen: set[str] = set()
    for index, option in enumerate(options):
        whole: dict[str, Any] = {"value": option} if isinstance(option, str) else option
        if whole["value"] in seen:
            yield Finding("repeated_item", f"{path}[{index}]")
        seen.add(whole["value"])
        yield from _repeated_options(whole.get("children", []), f"{path}[{index}].children")


def _check_computed(item: Field, path: str, expressions: Expressions, later: set[str]) -> Iterator[Finding]:
    source = item["default"]["expression"]
    expected = FIELD_TYPES[item["type"]].cel_type(item).name()
    wanted = (expected, "INT") if expected == "DOUBLE" else (expected,)
    yield from expressions.check(source, path, *wanted)
    yield from expressions.checker.answers(source, path, expressions.closed.of_field(item), f"form.{item['key']}")
    for key in fields_read(source):
        if key in later:
            yield Finding("later_field", path, {"name": f"form.{key}"})
