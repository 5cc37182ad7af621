"""Parameters of an action: written as form fields, compiled to the strict JSON Schema that checks their values.

See automation.actions.schema.
"""

from collections.abc import Iterator
from typing import Any

from automation.actions.parameter_checks import rule
from automation.actions.problems import Problem, pattern_problems
from templates_engine.fields import CELL_TYPES, FIELD_TYPES
from templates_engine.fields.base import EMPTY
from templates_engine.forms.check import check_fields
from templates_engine.parts import Field
from templates_engine.reading.shapes import Schema
from templates_engine.text import Text, both

TYPES = frozenset({*CELL_TYPES, "table", "markdown"} - {"daterange"})
OWN = frozenset({"key", "type", "label", "help", "placeholder", "required", "default"})  # other keys: forms only
TEXTS = frozenset({"text", "textarea", "markdown"})
WHOLE = "(?!\\n)"  # form fields end their patterns with this; here `$` matches only at the very end
LINE = r"^[^\x00-\x1f\x7f-\x9f" + "\u2028\u2029" + "]*$"
FIELDS: Schema = {"type": "array", "maxItems": 50, "items": {"type": "object"}}


def problems(fields: list[Field], path: str) -> Iterator[Problem]:
    """Problems of a list of fields. path: its place in the document, for the messages."""
    for index, field in enumerate(fields):
        here = f"{path}[{index}]"
        kind = str(field.get("type"))
        if kind in FIELD_TYPES and kind not in TYPES:
            yield f"{here}.type", both(f"动作没有 {kind} 类型的参数", f"no parameter can be of the type {kind}")
        for key in field:
            if key not in OWN and key not in getattr(FIELD_TYPES.get(kind), "limits", {}):
                yield f"{here}.{key}", both("参数没有这个键", "a parameter has no such key")
        if isinstance(field.get("default"), dict):
            yield f"{here}.default", both("默认值必须是值", "a default must be a value")
        yield from pattern_problems(field, here)
        for number, column in enumerate(_columns(field)):
            yield from pattern_problems(column, f"{here}.columns[{number}]")
    for finding in check_fields(fields):
        yield path + finding.path.removeprefix("form"), finding.message


def _columns(field: Field) -> list[Field]:
    columns = field.get("columns")
    return [column for column in columns if isinstance(column, dict)] if isinstance(columns, list) else []


def compiled(fields: list[Field], checks: list[dict[str, Any]]) -> Schema:
    """The schema of a parameter object with these fields. Missing optional values become empty ("" for text, [])."""
    schema: Schema = {
        "type": "object",
        "additionalProperties": False,
        "required": [field["key"] for field in fields if field.get("required")],
        "properties": {field["key"]: _with_default(field) for field in fields},
    }
    return schema | ({"allOf": [rule(each) for each in checks]} if checks else {})


def labels(fields: list[Field]) -> dict[str, Text]:
    """Parameter → its label for people."""
    return {field["key"]: field["label"] for field in fields}


def _with_default(field: Field) -> Schema:
    schema = _value(field)
    empty = FIELD_TYPES[field["type"]].empty()
    if "default" in field:
        return schema | {"default": field["default"]}
    return schema if field.get("required") or empty is None else schema | {"default": empty}


def _value(field: Field) -> Schema:
    kind = field["type"]
    is_required = field.get("required") or field.get("default") not in EMPTY
    if kind in TEXTS:
        return _text(field, is_required=bool(is_required))
    if kind == "table":
        schema = FIELD_TYPES[kind].value_schema({**field, "columns": []}) | {"items": _row(field)}
    else:
        schema = _strict(FIELD_TYPES[kind].value_schema(field))
    if kind in ("number", "money"):
        schema |= {"decimals": FIELD_TYPES[kind].precision(field)}  # type: ignore[attr-defined]
    if is_required:
        return schema
    if schema["type"] == "array":
        return schema | {"minItems": field.get("min_items", 0)}
    if "enum" in schema:
        return schema | {"enum": [*schema["enum"], ""]}
    return _or_empty(schema) if schema["type"] == "string" else schema


def _text(field: Field, *, is_required: bool) -> Schema:
    longest = FIELD_TYPES[field["type"]].longest  # type: ignore[attr-defined]
    limits: Schema = {"type": "string", "maxLength": field.get("max_length", longest)}
    least = max(field.get("min_length", 1), 1)
    patterns = [LINE] if field["type"] == "text" else []
    patterns += [field["pattern"]] if "pattern" in field else []
    limits |= {"minLength": least} | ({"allOf": [{"pattern": pattern} for pattern in patterns]} if patterns else {})
    return limits if is_required else _or_empty(limits)


def _or_empty(schema: Schema) -> Schema:
    """The schema of a text that fits `schema` or is empty."""
    rest = {key: value for key, value in schema.items() if key != "type"}
    return {"type": "string", "if": {"const": ""}, "else": rest}


def _row(field: Field) -> Schema:
    columns = field["columns"]
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [column["key"] for column in columns if column.get("required")],
        "properties": {column["key"]: _value(column) for column in columns},
    }


def _strict(schema: Any) -> Any:
    """A form field's schema, with the endings of its patterns as automation.actions.schema expects them."""
    if isinstance(schema, dict):
        return {key: _strict(value) for key, value in schema.items()}
    return schema.removesuffix(WHOLE) if isinstance(schema, str) else schema
