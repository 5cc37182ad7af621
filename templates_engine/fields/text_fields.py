"""Field types for text."""

from collections.abc import Iterator
from typing import Any

from cel_expr_python import cel

from templates_engine.fields.base import Bound, FieldType, whole
from templates_engine.findings.finding import Finding
from templates_engine.parts import Field
from templates_engine.reading.patterns import fits
from templates_engine.reading.shapes import Schema

LENGTH: Schema = {"type": "integer", "minimum": 0, "maximum": 100_000}
# Lone surrogates cannot be stored.
NO_CONTROLS_LINE = whole(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]*")
NO_CONTROLS = whole(r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]*")


class Text(FieldType):
    """One line. In expressions a string."""

    name = "text"
    limits = {
        "min_length": LENGTH,
        "max_length": LENGTH,
        "pattern": {"type": "string", "minLength": 1, "maxLength": 500, "format": "baton-pattern"},
    }
    longest = 500
    characters = NO_CONTROLS_LINE

    def value_schema(self, field: Field) -> Schema:
        """A string within its limits, without control characters; the author's pattern is checked by RE2, not here."""
        schema: Schema = {
            "type": "string",
            "maxLength": field.get("max_length", self.longest),
            "pattern": self.characters,
        }
        if "min_length" in field:
            schema["minLength"] = field["min_length"]
        return schema

    def bounds(self, field: Field) -> Iterator[Bound]:
        """The allowed length, at least 1; no characters means an empty field."""
        least, most = max(field.get("min_length", 1), 1), field.get("max_length", self.longest)
        yield Bound("min_length", least, "max_length", most)

    def problems(self, field: Field, value: Any, path: str) -> Iterator[Finding]:
        """Check the author's pattern."""
        if "pattern" in field and not fits(value, field["pattern"]):
            yield Finding("bad_pattern", path)

    def cel_type(self, field: Field) -> cel.Type:  # noqa: ARG002
        """string."""
        return cel.Type.STRING

    def empty(self) -> str:
        """The empty string."""
        return ""


class TextArea(Text):
    """Several lines. In expressions a string."""

    name = "textarea"
    longest = 20_000
    characters = NO_CONTROLS


class Markdown(TextArea):
    """Several lines of Markdown, stored as typed; pages never render HTML from it. In expressions a string."""

    name = "markdown"
