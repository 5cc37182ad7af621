"""The field type cascade: options inside options, such as region, site, room."""

from collections.abc import Iterator
from typing import Any

from cel_expr_python import cel

from templates_engine.fields.base import FieldType
from templates_engine.fields.names import Names
from templates_engine.parts import Field
from templates_engine.reading.shapes import TEXT, WORDS, Schema
from templates_engine.text import localize

DEEPEST = 6
MOST_PATHS = 2000


def _option(depth: int) -> Schema:
    properties: dict[str, Schema] = {"value": WORDS, "label": TEXT}
    if depth > 1:
        properties["children"] = _options(depth - 1)
    whole: Schema = {"type": "object", "properties": properties, "required": ["value"], "additionalProperties": False}
    return {"anyOf": [WORDS, whole]}


def _options(depth: int) -> Schema:
    return {"type": "array", "items": _option(depth), "minItems": 1, "maxItems": 500}


def paths(options: list[Any], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Every path down the options, as values, and whether it ends at a leaf. A leaf may be a plain string."""
    for option in options:
        here = (*above, option if isinstance(option, str) else option["value"])
        below = [] if isinstance(option, str) else option.get("children", [])
        yield here, not below
        yield from paths(below, here)


def labels(options: list[Any], path: list[str]) -> Iterator[str]:
    """The label of each step of a path, in the active language; the value if the option no longer exists."""
    for value in path:
        found: dict[str, Any] = next((o for o in options if not isinstance(o, str) and o["value"] == value), {})
        yield localize(found.get("label", value))
        options = found.get("children", [])


class Cascade(FieldType):
    """One path down a tree of {value, label?, children?}, from the top. In expressions a list of strings.

    A leaf may be a plain string. The path must end at a leaf, unless `any_level: true`. levels: headings for people.
    """

    name = "cascade"
    words = {"levels": ("层级", "levels"), "any_level": ("可选到任一级", "any level may be chosen")}
    limits = {
        "options": _options(DEEPEST),
        "levels": {"type": "array", "items": TEXT, "minItems": 1, "maxItems": DEEPEST},
        "any_level": {"type": "boolean"},
    }
    required_limits = ("options",)

    def value_schema(self, field: Field) -> Schema:
        """One of the allowed paths."""
        allowed = [list(path) for path, leaf in paths(field["options"]) if leaf or field.get("any_level")]
        return {"type": "array", "items": {"type": "string"}, "maxItems": DEEPEST, "enum": allowed}

    def cel_type(self, field: Field) -> cel.Type:  # noqa: ARG002
        """list(string)."""
        return cel.Type.List(cel.Type.STRING)

    def in_words(self, field: Field, value: Any, names: Names) -> str:  # noqa: ARG002
        """The labels, from the top."""
        return " / ".join(labels(field["options"], value))

    def empty(self) -> list[str]:
        """The empty list."""
        return []
