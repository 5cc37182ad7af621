"""Checks a value against its field, in limited time and memory, whatever was sent (A37)."""

import math
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

import orjson
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from templates_engine.fields import FIELD_TYPES
from templates_engine.fields.moment import read_date, read_datetime
from templates_engine.fields.text_fields import NO_CONTROLS, NO_CONTROLS_LINE
from templates_engine.findings.finding import Finding
from templates_engine.parts import Field
from templates_engine.reading.shapes import TYPE_WORDS, place

FORMATS = FormatChecker(formats=())
FORMATS.checks("date", raises=ValueError)(lambda value: not isinstance(value, str) or bool(read_date(value)))
FORMATS.checks("date-time", raises=ValueError)(lambda value: not isinstance(value, str) or bool(read_datetime(value)))

CODES = {
    "maxLength": "too_long",
    "minLength": "too_short",
    "minimum": "too_small",
    "maximum": "too_big",
    "maxItems": "too_many_items",
    "minItems": "too_few_items",
}
FORMAT_CODES = {"date": "bad_date", "date-time": "bad_datetime"}
MOST_FINDINGS = 50  # limit for one field; more would add nothing
MOST_PARTS, DEEPEST, MOST_BITS = 50_000, 8, 10_000


def check_value(field: Field, value: Any, path: str) -> Iterator[Finding]:
    """The findings for one filled-in value."""
    return islice(_problems(field, value, path), MOST_FINDINGS)


def _problems(field: Field, value: Any, path: str) -> Iterator[Finding]:
    kind = FIELD_TYPES[field["type"]]
    schema = kind.value_schema(field)
    most = schema.get("maxItems")
    if isinstance(value, list) and most is not None and len(value) > most:
        yield Finding("too_many_items", path, {"limit": most})
        return  # a long list is counted, not compared item by item
    absurd = _absurd(value, path)
    if absurd:
        yield absurd
        return
    sound = True
    for error in _validator(orjson.dumps(schema)).iter_errors(value):
        sound = False
        yield from _findings(error, path)
    if sound:
        yield from kind.problems(field, value, path)


@lru_cache(maxsize=1024)
def _validator(schema: bytes) -> Draft202012Validator:
    return Draft202012Validator(orjson.loads(schema), format_checker=FORMATS)


def _absurd(value: Any, path: str) -> Finding | None:
    """A finding for values that no field may hold or that would overload the validator; else None."""
    parts = 0
    waiting = [(value, 0)]
    while waiting:
        part, depth = waiting.pop()
        parts += 1
        if parts > MOST_PARTS or depth > DEEPEST:
            return Finding("too_many_parts", path, {"limit": f"{DEEPEST} × {MOST_PARTS}"})
        if isinstance(part, float) and not math.isfinite(part):
            return Finding("bad_number", path)
        if isinstance(part, int) and part.bit_length() > MOST_BITS:
            return Finding("bad_number", path)
        if isinstance(part, (list, dict)):
            inner = part.values() if isinstance(part, dict) else part
            waiting += [(below, depth + 1) for below in islice(inner, MOST_PARTS)]
    return None


def _findings(error: ValidationError, path: str) -> Iterator[Finding]:
    here, rule = place(path, error.absolute_path), error.validator
    limit: Any = error.validator_value
    value: Any = error.instance
    if rule in CODES:
        yield Finding(CODES[str(rule)], here, {"limit": limit})
    elif rule == "enum":
        yield Finding("not_an_option", here, {"value": printable(str(value))})
    elif rule == "uniqueItems":
        yield Finding("repeated_item", here)
    elif rule == "format":
        yield Finding(FORMAT_CODES[str(limit)], here)
    elif rule == "pattern":
        yield Finding("control_characters" if limit in (NO_CONTROLS, NO_CONTROLS_LINE) else "bad_pattern", here)
    elif rule == "required":
        missing = next(key for key in limit if error.message.startswith(f"{key!r} "))
        yield Finding("required", f"{here}.{missing}")
    elif rule == "additionalProperties":
        known: Any = error.schema
        for key in value:
            if key not in known["properties"]:
                yield Finding("unknown_form_key", f"{here}.{printable(key)}")
    else:
        yield Finding("wrong_type", here, {"expected": TYPE_WORDS.get(str(limit), str(limit))})


def printable(text: str) -> str:
    """Untrusted text, shortened and encodable, for use in a response."""
    return text[:300].encode("utf-8", "backslashreplace").decode()
