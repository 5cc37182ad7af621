"""Converts the JSON Schema of an action's parameters to form fields, as far as form fields can express it."""

from typing import Any

from templates_engine.fields import FIELD_TYPES
from templates_engine.reading.shapes import Schema
from templates_engine.text import Text

Field = dict[str, Any]


def as_fields(schema: Schema, names: dict[str, Text]) -> list[Field]:
    """A schema's parameters as form fields. Limits that no field type has are dropped; no parameter is dropped."""
    required = schema.get("required", [])
    fields = []
    for key, part in schema.get("properties", {}).items():
        about = {"key": key, "label": names.get(key, key), "required": key in required}
        default = {"default": part["default"]} if "default" in part else {}
        fields.append({**about, **_as_field(part), **default})
    return fields


def _as_field(part: Schema) -> Field:
    kind = part.get("type")
    if "enum" in part:
        return {"type": "select", "options": [str(value) for value in part["enum"]]}
    if kind in ("integer", "number"):
        limits = {"min": part.get("minimum"), "max": part.get("maximum")}
        more = {"precision": 6} if kind == "number" else {}
        return {"type": "number", **{key: value for key, value in limits.items() if value is not None}, **more}
    if kind == "boolean":
        return {"type": "switch"}
    if kind == "array":
        return _as_list(part)
    limits = {"min_length": part.get("minLength"), "max_length": part.get("maxLength"), "pattern": part.get("pattern")}
    is_long = part.get("maxLength", 0) > FIELD_TYPES["text"].longest  # type: ignore[attr-defined]
    shown = {key: value for key, value in limits.items() if value is not None}
    return {"type": "textarea" if is_long else "text", **shown}


def _as_list(part: Schema) -> Field:
    items = part.get("items", {})
    limits = {"min_items": part.get("minItems"), "max_items": part.get("maxItems")}
    shown = {key: value for key, value in limits.items() if value is not None}
    if "enum" in items:
        return {"type": "multiselect", "options": [str(value) for value in items["enum"]], **shown}
    alone: list[Field] = [{"key": "value", "label": "", **_as_field(items)}]
    columns = as_fields(items, {}) if items.get("type") == "object" else alone
    return {"type": "table", "columns": columns, **shown}
