"""Fields one chooses in."""

from typing import Any

from cel_expr_python import cel

from templates_engine.fields.base import FieldType
from templates_engine.shapes import TEXT, WORDS, Schema

OPTION: Schema = {
    "anyOf": [
        WORDS,
        {
            "type": "object",
            "properties": {"value": WORDS, "label": TEXT},
            "required": ["value", "label"],
            "additionalProperties": False,
        },
    ]
}


def option_values(field: dict[str, Any]) -> list[str]:
    """The values that may be chosen."""
    return [option if isinstance(option, str) else option["value"] for option in field["options"]]


class Select(FieldType):
    """One of several options."""

    name = "select"
    limits = {"options": {"type": "array", "items": OPTION, "minItems": 1, "maxItems": 500, "uniqueItems": True}}
    required_limits = ("options",)

    def value_schema(self, field: dict[str, Any]) -> Schema:
        """One of the options' values."""
        return {"type": "string", "enum": option_values(field)}

    def cel_type(self, field: dict[str, Any]) -> cel.Type:  # noqa: ARG002
        """string."""
        return cel.Type.STRING

    def empty(self) -> str:
        """The empty string."""
        return ""


class Switch(FieldType):
    """On or off."""

    name = "switch"

    def value_schema(self, field: dict[str, Any]) -> Schema:  # noqa: ARG002
        """true or false."""
        return {"type": "boolean"}

    def cel_type(self, field: dict[str, Any]) -> cel.Type:  # noqa: ARG002
        """bool."""
        return cel.Type.BOOL

    def empty(self) -> bool:
        """Off."""
        return False


class Hosts(FieldType):
    """Hosts of the inventory, by name."""

    name = "hosts"
    limits = {
        "min_items": {"type": "integer", "minimum": 1, "maximum": 1000},
        "max_items": {"type": "integer", "minimum": 1, "maximum": 1000},
    }
    most = 200

    def value_schema(self, field: dict[str, Any]) -> Schema:
        """Distinct host names."""
        return {
            "type": "array",
            "items": {"type": "string", "pattern": r"\A[A-Za-z0-9][A-Za-z0-9_.-]{0,252}\Z"},
            "uniqueItems": True,
            "minItems": field.get("min_items", 1),
            "maxItems": field.get("max_items", self.most),
        }

    def cel_type(self, field: dict[str, Any]) -> cel.Type:  # noqa: ARG002
        """list(string)."""
        return cel.Type.List(cel.Type.STRING)

    def empty(self) -> list[str]:
        """No host."""
        return []
