"""Numbers and sums of money.

Both are JSON numbers. They are judged as decimals (2.3 is no multiple of 0.1 in binary) and small enough that the
shortest way to write them says exactly what was typed.
"""

from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from babel.numbers import format_decimal, get_currency_symbol
from cel_expr_python import cel

from templates_engine.fields.base import Bound, FieldType
from templates_engine.fields.names import Names
from templates_engine.findings import Finding
from templates_engine.shapes import LINE, Schema
from templates_engine.text import locale, localize

LARGEST = 10**15
CURRENCY = "CNY"
LIMIT: Schema = {"type": "number", "minimum": -LARGEST, "maximum": LARGEST}
PRECISION: Schema = {"type": "integer", "minimum": 0, "maximum": 6}


def decimals(value: float) -> int:
    """How many decimals a finite number is written with."""
    exponent = Decimal(str(value)).normalize().as_tuple().exponent
    return max(0, -int(exponent))


def rounded(value: float, precision: int, direction: str) -> float:
    """The nearest number of so many decimals in this direction; itself where it has no more."""
    if decimals(value) <= precision:
        return value
    return float(Decimal(str(value)).quantize(Decimal(1).scaleb(-precision), rounding=direction))


class Number(FieldType):
    """A whole number, or with a `precision` above 0 one with so many decimals. In expressions int, with one double."""

    name = "number"
    limits = {
        "min": LIMIT,
        "max": LIMIT,
        "precision": PRECISION,
        "unit": {"type": "string", "minLength": 1, "maxLength": 20, "pattern": LINE},
    }

    def precision(self, field: dict[str, Any]) -> int:
        """How many decimals are allowed."""
        return int(field.get("precision", 0))

    def largest(self, field: dict[str, Any]) -> int:  # noqa: ARG002
        """No value is further from zero."""
        return LARGEST

    def value_schema(self, field: dict[str, Any]) -> Schema:
        """A number within its limits."""
        largest = self.largest(field)
        return {
            "type": "number" if self.precision(field) else "integer",
            "minimum": max(field.get("min", -largest), -largest),
            "maximum": min(field.get("max", largest), largest),
        }

    def bounds(self, field: dict[str, Any]) -> Iterator[Bound]:
        """The outermost numbers of so many decimals."""
        schema, precision = self.value_schema(field), self.precision(field)
        least = rounded(schema["minimum"], precision, ROUND_CEILING)
        yield Bound("min", least, "max", rounded(schema["maximum"], precision, ROUND_FLOOR))

    def problems(self, field: dict[str, Any], value: Any, path: str) -> Iterator[Finding]:
        """More decimals than there may be."""
        if decimals(value) > self.precision(field):
            yield Finding("bad_number", path)

    def stored(self, field: dict[str, Any], value: Any) -> Any:  # noqa: ARG002
        """80.0 is kept as the whole number it is: one value, one digest."""
        return int(value) if value == int(value) else value

    def cel_type(self, field: dict[str, Any]) -> cel.Type:
        """int, or double where there may be decimals."""
        return cel.Type.DOUBLE if self.precision(field) else cel.Type.INT

    def cel_value(self, field: dict[str, Any], value: Any) -> Any:
        """80 is 80.0 where there may be decimals: CEL does not calculate with a mixture."""
        return float(value) if self.precision(field) else value

    def in_words(self, field: dict[str, Any], value: Any, names: Names) -> str:  # noqa: ARG002
        """The digits as they were typed, and the unit. Not grouped: a port or a year is a number, too."""
        return f"{format(Decimal(str(value)), 'f')} {localize(field.get('unit', ''))}".strip()


class Money(Number):
    """A sum with exactly known decimals: `precision` of them, 2 by default, 0 for none. In expressions a double.

    `currency` is its three-letter code, for people; CNY is meant where there is none.
    """

    name = "money"
    limits = {
        "min": LIMIT,
        "max": LIMIT,
        "precision": PRECISION,
        "currency": {"type": "string", "pattern": r"\A[A-Z]{3}\Z"},
    }

    def precision(self, field: dict[str, Any]) -> int:
        """Two, where nothing else is said."""
        return int(field.get("precision", 2))

    def largest(self, field: dict[str, Any]) -> int:
        """Fifteen digits in all: so many survive every double."""
        return int(10 ** (15 - self.precision(field)) - 1)

    def cel_type(self, field: dict[str, Any]) -> cel.Type:  # noqa: ARG002
        """double."""
        return cel.Type.DOUBLE

    def cel_value(self, field: dict[str, Any], value: Any) -> float:  # noqa: ARG002
        """As a double."""
        return float(value)

    def in_words(self, field: dict[str, Any], value: Any, names: Names) -> str:  # noqa: ARG002
        """The currency's sign and the grouped amount, with all its decimals: ¥12,345.60."""
        sign = get_currency_symbol(field.get("currency", CURRENCY), locale())
        pattern = "#,##0." + "0" * self.precision(field) if self.precision(field) else "#,##0"
        amount = format_decimal(Decimal(str(value)), format=pattern, locale=locale())
        return f"{sign} {amount}" if sign[-1:].isalpha() else f"{sign}{amount}"
