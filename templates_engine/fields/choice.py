"""Field types with a choice: options, on/off, lists, hosts."""

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any

from cel_expr_python import cel
from django.utils.translation import gettext as _

from templates_engine.fields.base import Bound, FieldType, item_limits, whole
from templates_engine.fields.names import Names
from templates_engine.parts import Field
from templates_engine.reading.shapes import TEXT, WORDS, Schema
from templates_engine.text import listed, localize

OPTION: Schema = {
    "anyOf": [
        WORDS,
        {
            "type": "object",
            "properties": {"value": WORDS, "label": TEXT},
            "required": ["value"],
            "additionalProperties": False,
        },
    ]
}
MOST_OPTIONS = 500
OPTIONS: Schema = {"type": "array", "items": OPTION, "minItems": 1, "maxItems": MOST_OPTIONS}


def option_values(field: Field) -> list[str]:
    """The values that may be chosen."""
    return [option if isinstance(option, str) else option["value"] for option in field["options"]]


def options_of(field: Field) -> list[str] | None:
    """The texts that a field offers; None if it accepts any."""
    return option_values(field) if "options" in field and field["type"] != "cascade" else None


def option_label(field: Field, value: str) -> str:
    """The label of the option with this value, in the active language; the value if the option no longer exists."""
    for option in field["options"]:
        if isinstance(option, dict) and option["value"] == value:
            return localize(option.get("label", value))
    return value


class Select(FieldType):
    """One of several options. In expressions a string."""

    name = "select"
    limits = {"options": OPTIONS}
    required_limits = ("options",)

    def value_schema(self, field: Field) -> Schema:
        """One of the options' values."""
        return {"type": "string", "enum": option_values(field)}

    def cel_type(self, field: Field) -> cel.Type:  # noqa: ARG002
        """string."""
        return cel.Type.STRING

    def in_words(self, field: Field, value: Any, names: Names) -> str:  # noqa: ARG002
        """The option's label."""
        return option_label(field, value)

    def empty(self) -> str:
        """The empty string."""
        return ""


class Radio(Select):
    """One of a few options, all shown at once. In expressions a string."""

    name = "radio"


class Switch(FieldType):
    """On or off. In expressions a bool."""

    name = "switch"

    def value_schema(self, field: Field) -> Schema:  # noqa: ARG002
        """true or false."""
        return {"type": "boolean"}

    def cel_type(self, field: Field) -> cel.Type:  # noqa: ARG002
        """bool."""
        return cel.Type.BOOL

    def in_words(self, field: Field, value: Any, names: Names) -> str:  # noqa: ARG002
        """Yes or no."""
        return _("Yes") if value else _("No")

    def empty(self) -> bool:
        """False."""
        return False


class TextList(FieldType):
    """Several distinct strings. In expressions a list of strings."""

    most = 200  # default of `max_items`

    @abstractmethod
    def item_schema(self, field: Field) -> Schema:
        """The schema of one item."""

    def value_schema(self, field: Field) -> Schema:
        """Distinct items, at least one; no items means an empty field."""
        return {
            "type": "array",
            "items": self.item_schema(field),
            "uniqueItems": True,
            "minItems": max(field.get("min_items", 1), 1),
            "maxItems": field.get("max_items", self.most),
        }

    def bounds(self, field: Field) -> Iterator[Bound]:
        """The allowed number of items."""
        yield Bound("min_items", max(field.get("min_items", 1), 1), "max_items", field.get("max_items", self.most))

    def cel_type(self, field: Field) -> cel.Type:  # noqa: ARG002
        """list(string)."""
        return cel.Type.List(cel.Type.STRING)

    def in_words(self, field: Field, value: Any, names: Names) -> str:
        """All items, as a list in words."""
        return listed(self.item_in_words(field, item, names) for item in value)

    def item_in_words(self, field: Field, item: str, names: Names) -> str:  # noqa: ARG002
        """One item in words."""
        return item

    def empty(self) -> list[str]:
        """The empty list."""
        return []


class MultiSelect(TextList):
    """Several of the options, stored in the options' order. In expressions a list of strings."""

    name = "multiselect"
    limits = {"options": OPTIONS, **item_limits(MOST_OPTIONS)}
    required_limits = ("options",)
    most = MOST_OPTIONS

    def item_schema(self, field: Field) -> Schema:
        """One of the options' values."""
        return {"type": "string", "enum": option_values(field)}

    def item_in_words(self, field: Field, item: str, names: Names) -> str:  # noqa: ARG002
        """The option's label."""
        return option_label(field, item)

    def bounds(self, field: Field) -> Iterator[Bound]:
        """The allowed number of items; at most the number of options."""
        for bound in super().bounds(field):
            yield bound._replace(most=min(bound.most, len(field["options"])))

    def stored(self, field: Field, value: Any) -> Any:
        """Stored in the order of the options, so that one choice has one digest."""
        return [option for option in option_values(field) if option in value]


class Checkbox(MultiSelect):
    """The ticked options; all options are shown at once. In expressions a list of strings."""

    name = "checkbox"


class Hosts(TextList):
    """Hosts of the inventory, by name. In expressions a list of strings."""

    name = "hosts"
    limits = item_limits(1000)

    def item_schema(self, field: Field) -> Schema:  # noqa: ARG002
        """A host's name; whether it exists is checked when the plan is made."""
        return {"type": "string", "pattern": whole("[A-Za-z0-9][A-Za-z0-9_.-]{0,252}")}
