"""What every field type answers."""

from abc import ABC, abstractmethod
from typing import Any

from cel_expr_python import cel

from templates_engine.shapes import EXPRESSION, KEY, PROSE, TEXT, Schema

COMMON: dict[str, Schema] = {
    "label": TEXT,
    "help": PROSE,
    "placeholder": TEXT,
    "required": {"type": "boolean"},
    "default": {},
    "visible_when": EXPRESSION,
}


class FieldType(ABC):
    """One kind of field. `limits` are its own keys in the document beside the common ones."""

    name: str
    limits: dict[str, Schema] = {}
    required_limits: tuple[str, ...] = ()

    def document_schema(self) -> Schema:
        """The shape of such a field in a template."""
        return {
            "type": "object",
            "properties": {"key": KEY, "type": {"const": self.name}, **COMMON, **self.limits},
            "required": ["key", "type", "label", *self.required_limits],
            "additionalProperties": False,
        }

    @abstractmethod
    def value_schema(self, field: dict[str, Any]) -> Schema:
        """The shape of a filled-in value: the contract's JSON Schema of this form field."""

    @abstractmethod
    def cel_type(self, field: dict[str, Any]) -> cel.Type:
        """The type of this field in expressions."""

    def stored(self, value: Any) -> Any:
        """A valid value in the one form in which it is kept."""
        return value

    def cel_value(self, value: Any) -> Any:
        """A stored value as expressions see it."""
        return value

    def empty(self) -> Any:
        """What an expression sees of a field that was left empty; None where it sees nothing at all."""
        return None
