"""Form values, checked on the server against the frozen version, hidden fields included (A37)."""

import math
from collections.abc import Iterator
from itertools import islice
from typing import Any

import orjson
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from templates_engine.expressions import ExpressionFailed, Expressions, Facts
from templates_engine.fields import FIELD_TYPES
from templates_engine.fields.moment import read_date, read_datetime
from templates_engine.findings import Finding
from templates_engine.patterns import fits
from templates_engine.shapes import TYPE_WORDS

FORMATS = FormatChecker(formats=())
FORMATS.checks("baton-date", raises=ValueError)(lambda value: not isinstance(value, str) or bool(read_date(value)))
FORMATS.checks("baton-datetime", raises=ValueError)(
    lambda value: not isinstance(value, str) or bool(read_datetime(value))
)

CODES = {
    "maxLength": "too_long",
    "minLength": "too_short",
    "minimum": "too_small",
    "maximum": "too_big",
    "maxItems": "too_many_items",
    "minItems": "too_few_items",
}
FORMAT_CODES = {"baton-date": "bad_date", "baton-datetime": "bad_datetime"}
MOST_UNKNOWN = 20  # so many foreign keys are named; the rest of ten thousand would say nothing new
EMPTY: tuple[Any, ...] = (None, "", [])


def check_value(field: dict[str, Any], value: Any, path: str) -> Iterator[Finding]:
    """What is wrong with one filled-in value."""
    if isinstance(value, float) and not math.isfinite(value):
        yield Finding("bad_number", path)
        return
    schema = FIELD_TYPES[field["type"]].value_schema(field)
    most = schema.get("maxItems")
    if isinstance(value, list) and most is not None and len(value) > most:
        yield Finding("too_many_items", path, {"limit": most})
        return  # a million items are counted, not compared
    for error in Draft202012Validator(schema, format_checker=FORMATS).iter_errors(value):
        place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path)
        yield _finding(error, path + place)
    yield from _own_limits(field, value, path)


def _own_limits(field: dict[str, Any], value: Any, path: str) -> Iterator[Finding]:
    """What JSON Schema says badly: decimals (2.3 is not a multiple of 0.1 in binary) and the author's pattern."""
    if "precision" in field and isinstance(value, float) and round(value, field["precision"]) != value:
        yield Finding("bad_number", path)
    if "pattern" in field and isinstance(value, str) and not fits(value, field["pattern"]):
        yield Finding("bad_pattern", path)


def _finding(error: ValidationError, path: str) -> Finding:
    rule, limit, value = error.validator, error.validator_value, error.instance
    if rule in CODES:
        return Finding(CODES[rule], path, {"limit": limit})
    if rule == "enum":
        return Finding("not_an_option", path, {"value": str(value)})
    if rule == "uniqueItems":
        return Finding("repeated_item", path)
    if rule == "format":
        return Finding(FORMAT_CODES[str(limit)], path)
    if rule == "pattern":
        return Finding("bad_pattern" if "items" in error.absolute_schema_path else "control_characters", path)
    return Finding("wrong_type", path, {"expected": TYPE_WORDS.get(str(limit), str(limit))})


def visible_fields(expressions: Expressions, facts: Facts) -> list[str]:
    """The keys of the fields that are shown for these facts, judged in the order of the form.

    A field whose condition cannot be evaluated yet (it reads what is still empty) is not shown.
    """
    shown = []
    values = dict(facts.form)
    for key, field in expressions.fields.items():
        if "visible_when" in field:
            try:
                visible = expressions.condition(field["visible_when"], Facts(values, facts.applicant, facts.ticket))
            except ExpressionFailed:
                visible = False
            if not visible:
                values.pop(key, None)
                continue
        shown.append(key)
    return shown


def check_form(
    expressions: Expressions,
    form: Any,
    applicant: dict[str, Any],
    ticket: dict[str, Any],
    *,
    complete: bool = True,
) -> tuple[dict[str, Any], list[Finding]]:
    """(values to store, findings). Defaults fill what was not sent; empty values are left out.

    complete=False (a draft) does not ask for required fields.
    """
    if not isinstance(form, dict):
        return {}, [Finding("wrong_type", "form", {"expected": {"zh": "键值对", "en": "a mapping"}})]
    foreign = (key for key in form if key not in expressions.fields)
    findings = [Finding("unknown_form_key", f"form.{key}") for key in islice(foreign, MOST_UNKNOWN)]
    values: dict[str, Any] = {}
    for key, field in expressions.fields.items():
        value = form[key] if key in form else field.get("default")
        if value not in EMPTY:
            problems = list(check_value(field, value, f"form.{key}"))
            findings += problems
            if not problems:
                values[key] = FIELD_TYPES[field["type"]].stored(value)
    shown = visible_fields(expressions, Facts(values, applicant, ticket))
    broken = {finding.path.split(".")[1].split("[")[0] for finding in findings if finding.path.startswith("form.")}
    for key, field in expressions.fields.items():
        if key not in shown:
            if form.get(key) not in (*EMPTY, False, field.get("default")):
                findings.append(Finding("not_visible", f"form.{key}"))
            values.pop(key, None)
        elif complete and field.get("required") and key not in values and key not in broken:
            findings.append(Finding("required", f"form.{key}"))
    return orjson.loads(orjson.dumps(values)) if not findings else values, findings
