"""What every field type answers."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, NamedTuple

from cel_expr_python import cel

from templates_engine.fields.names import Names
from templates_engine.findings import Finding
from templates_engine.shapes import EXPRESSION, KEY, PROSE, TEXT, Schema

EMPTY: tuple[Any, ...] = (None, "", [])  # what says that a field was left empty
NODES: Schema = {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 200, "uniqueItems": True}
COMMON: dict[str, Schema] = {
    "label": TEXT,
    "help": PROSE,
    "placeholder": TEXT,
    "required": {"type": "boolean"},
    "default": {},
    "visible_when": EXPRESSION,
    "required_when": EXPRESSION,
    "readonly_at": NODES,
    "editable_at": NODES,
    "hidden_at": NODES,
}


def whole(pattern: str) -> str:
    """A pattern that must fit all of a text, said so that Python and ECMA 262 mean the same.

    `$` alone would let a last line break through in Python.
    """
    return f"^(?:{pattern})$(?!\\n)"


def item_limits(most: int) -> dict[str, Schema]:
    """`min_items` and `max_items` of a list of at most so many items."""
    return {
        "min_items": {"type": "integer", "minimum": 0, "maximum": most},
        "max_items": {"type": "integer", "minimum": 1, "maximum": most},
    }


class Bound(NamedTuple):
    """Two keys of the document that limit a value from below and above, and what holds, said or not."""

    low: str
    least: float
    high: str
    most: float


class FieldType(ABC):
    """One kind of field. `limits` are its own keys in the document beside the common ones.

    `refers_to`: what its values name (user, department, attachment); see references.py.
    """

    name: str
    limits: dict[str, Schema] = {}
    required_limits: tuple[str, ...] = ()
    without: tuple[str, ...] = ()  # common keys that make no sense here
    refers_to: str | None = None

    def document_schema(self) -> Schema:
        """The shape of such a field in a template."""
        common = {key: shape for key, shape in COMMON.items() if key not in self.without}
        return {
            "type": "object",
            "properties": {"key": KEY, "type": {"const": self.name}, **common, **self.limits},
            "required": ["key", "type", "label", *self.required_limits],
            "additionalProperties": False,
        }

    @abstractmethod
    def value_schema(self, field: dict[str, Any]) -> Schema:
        """The shape of a filled-in value: the contract's JSON Schema of this form field."""

    @abstractmethod
    def cel_type(self, field: dict[str, Any]) -> cel.Type:
        """The type of this field in expressions."""

    def bounds(self, field: dict[str, Any]) -> Iterator[Bound]:  # noqa: ARG002
        """The limits between which a value lies; no value fits where one is the wrong way round."""
        yield from ()

    def tidy(self, field: dict[str, Any], value: Any) -> Any:  # noqa: ARG002
        """A sent value, whatever it is, without the parts that were left empty."""
        return value

    def problems(self, field: dict[str, Any], value: Any, path: str) -> Iterator[Finding]:  # noqa: ARG002
        """What JSON Schema cannot say well about a value that fits it."""
        yield from ()

    def stored(self, field: dict[str, Any], value: Any) -> Any:  # noqa: ARG002
        """A valid value in the one form in which it is kept."""
        return value

    def cel_value(self, field: dict[str, Any], value: Any) -> Any:  # noqa: ARG002
        """A stored value as expressions see it."""
        return value

    def from_cel(self, field: dict[str, Any], value: Any) -> Any:  # noqa: ARG002
        """What an expression of this type gave, as a value to be checked and stored."""
        return value

    def cell_value(self, field: dict[str, Any], value: Any) -> Any:
        """A stored value as expressions see it inside a table's row, where CEL takes no timestamps."""
        return self.cel_value(field, value)

    def in_words(self, field: dict[str, Any], value: Any, names: Names) -> str:  # noqa: ARG002
        """A stored value as people read it, in the active language; plain text, to be made safe for its sink."""
        return str(value)

    def empty(self) -> Any:
        """What an expression sees of a field that was left empty; None where it sees nothing at all."""
        return None
