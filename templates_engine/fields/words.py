"""Fields one types into."""

from typing import Any

from cel_expr_python import cel

from templates_engine.fields.base import FieldType
from templates_engine.shapes import Schema

LENGTH: Schema = {"type": "integer", "minimum": 0, "maximum": 100_000}
# \A … \Z: `$` would let a last line break through. Lone surrogates cannot be stored.
NO_CONTROLS_LINE = r"\A[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]*\Z"
NO_CONTROLS = r"\A[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]*\Z"


class Text(FieldType):
    """One line."""

    name = "text"
    limits = {
        "min_length": LENGTH,
        "max_length": LENGTH,
        "pattern": {"type": "string", "minLength": 1, "maxLength": 500, "format": "baton-pattern"},
    }
    longest = 500
    characters = NO_CONTROLS_LINE

    def value_schema(self, field: dict[str, Any]) -> Schema:
        """A string within its limits, without control characters; values.py matches the author's pattern."""
        schema: Schema = {
            "type": "string",
            "maxLength": field.get("max_length", self.longest),
            "pattern": self.characters,
        }
        if "min_length" in field:
            schema["minLength"] = field["min_length"]
        return schema

    def cel_type(self, field: dict[str, Any]) -> cel.Type:  # noqa: ARG002
        """string."""
        return cel.Type.STRING

    def empty(self) -> str:
        """The empty string."""
        return ""


class TextArea(Text):
    """Several lines."""

    name = "textarea"
    longest = 20_000
    characters = NO_CONTROLS


class Number(FieldType):
    """A whole number, or with `precision` one with so many decimals."""

    name = "number"
    limits = {
        "min": {"type": "number"},
        "max": {"type": "number"},
        "precision": {"type": "integer", "minimum": 1, "maximum": 6},
        "unit": {"type": "string", "maxLength": 20},
    }
    largest = 10**15

    def value_schema(self, field: dict[str, Any]) -> Schema:
        """A number within its limits."""
        bounds = {"minimum": field.get("min", -self.largest), "maximum": field.get("max", self.largest)}
        return {"type": "number" if "precision" in field else "integer", **bounds}

    def stored(self, value: Any) -> Any:
        """80.0 is kept as the whole number it is: one value, one digest."""
        return int(value) if value == int(value) else value

    def cel_type(self, field: dict[str, Any]) -> cel.Type:
        """int, or double where it has `precision`."""
        return cel.Type.DOUBLE if "precision" in field else cel.Type.INT

    def cel_value(self, value: Any) -> Any:
        """As stored."""
        return value
