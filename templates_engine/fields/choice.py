"""Fields one chooses in."""

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any

from cel_expr_python import cel
from django.utils.translation import gettext as _

from templates_engine.fields.base import Bound, FieldType, item_limits, whole
from templates_engine.fields.names import Names
from templates_engine.shapes import TEXT, WORDS, Schema
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


def option_values(field: dict[str, Any]) -> list[str]:
    """The values that may be chosen."""
    return [option if isinstance(option, str) else option["value"] for option in field["options"]]


def options_of(field: dict[str, Any]) -> list[str] | None:
    """The texts a field offers; None where it takes any."""
    return option_values(field) if "options" in field and field["type"] != "cascade" else None


def option_label(field: dict[str, Any], value: str) -> str:
    """What the option of this value is called, in the active language; the value itself where none is left of it."""
    for option in field["options"]:
        if isinstance(option, dict) and option["value"] == value:
            return localize(option.get("label", value))
    return value


class Select(FieldType):
    """One of several options. In expressions a string."""

    name = "select"
    limits = {"options": OPTIONS}
    required_limits = ("options",)

    def value_schema(self, field: dict[str, Any]) -> Schema:
        """One of the options' values."""
        return {"type": "string", "enum": option_values(field)}

    def cel_type(self, field: dict[str, Any]) -> cel.Type:  # noqa: ARG002
        """string."""
        return cel.Type.STRING

    def in_words(self, field: dict[str, Any], value: Any, names: Names) -> str:  # noqa: ARG002
        """Its label."""
        return option_label(field, value)

    def empty(self) -> str:
        """The empty string."""
        return ""


class Radio(Select):
    """One of a few options, all in view. In expressions a string."""

    name = "radio"


class Switch(FieldType):
    """On or off. In expressions a bool."""

    name = "switch"

    def value_schema(self, field: dict[str, Any]) -> Schema:  # noqa: ARG002
        """true or false."""
        return {"type": "boolean"}

    def cel_type(self, field: dict[str, Any]) -> cel.Type:  # noqa: ARG002
        """bool."""
        return cel.Type.BOOL

    def in_words(self, field: dict[str, Any], value: Any, names: Names) -> str:  # noqa: ARG002
        """Yes or no."""
        return _("Yes") if value else _("No")

    def empty(self) -> bool:
        """Off."""
        return False


class TextList(FieldType):
    """Several distinct strings. In expressions a list of strings."""

    most = 200  # where `max_items` says nothing

    @abstractmethod
    def item_schema(self, field: dict[str, Any]) -> Schema:
        """One of them."""

    def value_schema(self, field: dict[str, Any]) -> Schema:
        """Distinct items, at least one: none is an empty field."""
        return {
            "type": "array",
            "items": self.item_schema(field),
            "uniqueItems": True,
            "minItems": max(field.get("min_items", 1), 1),
            "maxItems": field.get("max_items", self.most),
        }

    def bounds(self, field: dict[str, Any]) -> Iterator[Bound]:
        """How many items."""
        yield Bound("min_items", max(field.get("min_items", 1), 1), "max_items", field.get("max_items", self.most))

    def cel_type(self, field: dict[str, Any]) -> cel.Type:  # noqa: ARG002
        """list(string)."""
        return cel.Type.List(cel.Type.STRING)

    def in_words(self, field: dict[str, Any], value: Any, names: Names) -> str:
        """All of them."""
        return listed(self.item_in_words(field, item, names) for item in value)

    def item_in_words(self, field: dict[str, Any], item: str, names: Names) -> str:  # noqa: ARG002
        """One of them."""
        return item

    def empty(self) -> list[str]:
        """Nothing."""
        return []


class MultiSelect(TextList):
    """Several of the options, kept in the options' order. In expressions a list of strings."""

    name = "multiselect"
    limits = {"options": OPTIONS, **item_limits(MOST_OPTIONS)}
    required_limits = ("options",)
    most = MOST_OPTIONS

    def item_schema(self, field: dict[str, Any]) -> Schema:
        """One of the options' values."""
        return {"type": "string", "enum": option_values(field)}

    def item_in_words(self, field: dict[str, Any], item: str, names: Names) -> str:  # noqa: ARG002
        """Its label."""
        return option_label(field, item)

    def bounds(self, field: dict[str, Any]) -> Iterator[Bound]:
        """No more items than there are options."""
        for bound in super().bounds(field):
            yield bound._replace(most=min(bound.most, len(field["options"])))

    def stored(self, field: dict[str, Any], value: Any) -> Any:
        """In the order of the options: one choice, one digest."""
        return [option for option in option_values(field) if option in value]


class Checkbox(MultiSelect):
    """The options one ticked, all in view. In expressions a list of strings."""

    name = "checkbox"


class Hosts(TextList):
    """Hosts of the inventory, by name. In expressions a list of strings."""

    name = "hosts"
    limits = item_limits(1000)

    def item_schema(self, field: dict[str, Any]) -> Schema:  # noqa: ARG002
        """A host's name; that it exists is checked where the plan is made."""
        return {"type": "string", "pattern": whole("[A-Za-z0-9][A-Za-z0-9_.-]{0,252}")}
