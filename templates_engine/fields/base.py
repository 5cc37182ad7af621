"""The base class of field types."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from cel_expr_python import cel

from templates_engine.fields.names import Names
from templates_engine.findings.finding import Finding
from templates_engine.parts import Field
from templates_engine.reading.shapes import EXPRESSION, KEY, PROSE, TEXT, Schema

EMPTY: tuple[Any, ...] = (None, "", [])  # the values that mean "left empty"
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
    """A pattern that must match the whole text, with one meaning in Python and ECMA 262.

    In Python, `$` alone would accept a trailing line break.
    """
    return f"^(?:{pattern})$(?!\\n)"


def item_limits(most: int) -> dict[str, Schema]:
    """Schemas of `min_items` and `max_items`, for a list of at most `most` items."""
    return {
        "min_items": {"type": "integer", "minimum": 0, "maximum": most},
        "max_items": {"type": "integer", "minimum": 1, "maximum": most},
    }


class Bound(NamedTuple):
    """Two keys that limit a value from below and above, with the limits that apply, given or by default."""

    low: str
    least: float
    high: str
    most: float


class FieldType(ABC):
    """One field type. limits: its own keys in the document, beside the common ones. words: key → its label (中文,
    English) in differences between versions, for keys of this type only.

    kind, cell_kind: its type in expressions, as a field and in a row of a table, if it is more exact than the engine's
    (language/value_types.py). refers_to: the kind of thing that its values name (user, department, attachment); see
    references.py.
    """

    name: str
    limits: dict[str, Schema] = {}
    words: Mapping[str, tuple[str, str]] = {}
    required_limits: tuple[str, ...] = ()
    without: tuple[str, ...] = ()  # common keys that make no sense here
    kind = ""
    cell_kind = ""
    refers_to: str | None = None

    def document_schema(self) -> Schema:
        """The schema of such a field in a template."""
        common = {key: shape for key, shape in COMMON.items() if key not in self.without}
        return {
            "type": "object",
            "properties": {"key": KEY, "type": {"const": self.name}, **common, **self.limits},
            "required": ["key", "type", "label", *self.required_limits],
            "additionalProperties": False,
        }

    @abstractmethod
    def value_schema(self, field: Field) -> Schema:
        """The JSON Schema of a filled-in value."""

    @abstractmethod
    def cel_type(self, field: Field) -> cel.Type:
        """The type of this field in expressions."""

    def bounds(self, field: Field) -> Iterator[Bound]:  # noqa: ARG002
        """The limits of a value; if one lower limit exceeds its upper limit, no value fits."""
        yield from ()

    def tidy(self, field: Field, value: Any) -> Any:  # noqa: ARG002
        """A submitted value (any JSON) without its empty parts."""
        return value

    def problems(self, field: Field, value: Any, path: str) -> Iterator[Finding]:  # noqa: ARG002
        """Findings that JSON Schema cannot express, for a value that fits the schema."""
        yield from ()

    def stored(self, field: Field, value: Any) -> Any:  # noqa: ARG002
        """A valid value in its canonical stored form."""
        return value

    def cel_value(self, field: Field, value: Any) -> Any:  # noqa: ARG002
        """A stored value as expressions see it."""
        return value

    def from_cel(self, field: Field, value: Any) -> Any:  # noqa: ARG002
        """The result of an expression of this type, as a value to check and store."""
        return value

    def cell_value(self, field: Field, value: Any) -> Any:
        """A stored value as expressions see it in a table's row, where CEL accepts no timestamps."""
        return self.cel_value(field, value)

    def in_words(self, field: Field, value: Any, names: Names) -> str:  # noqa: ARG002
        """A stored value in words, in the active language; plain text that each output must escape."""
        return str(value)

    def empty(self) -> Any:
        """The value of an empty field in expressions; None if the field does not exist there."""
        return None
