"""The field types number and money.

Both are JSON numbers. They are checked as decimals (in binary, 2.3 is no multiple of 0.1) and are small enough that
their shortest decimal form is exactly what was typed.
"""

from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from babel.numbers import format_decimal, get_currency_symbol
from cel_expr_python import cel

from templates_engine.fields.base import Bound, FieldType
from templates_engine.fields.names import Names
from templates_engine.findings.finding import Finding
from templates_engine.parts import Field
from templates_engine.reading.shapes import LINE, Schema
from templates_engine.text import locale, localize

LARGEST = 10**15
CURRENCY = "CNY"
LIMIT: Schema = {"type": "number", "minimum": -LARGEST, "maximum": LARGEST}
PRECISION: Schema = {"type": "integer", "minimum": 0, "maximum": 6}


def decimals(value: float) -> int:
    """How many decimal places a finite number has."""
    exponent = Decimal(str(value)).normalize().as_tuple().exponent
    return max(0, -int(exponent))


def rounded(value: float, precision: int, direction: str) -> float:
    """The number rounded in this direction to so many decimals; unchanged if it has no more."""
    if decimals(value) <= precision:
        return value
    return float(Decimal(str(value)).quantize(Decimal(1).scaleb(-precision), rounding=direction))


class Number(FieldType):
    """A whole number; with `precision` above 0, a decimal with that many places. In expressions int, or double."""

    name = "number"
    words = {"unit": ("单位", "unit")}
    limits = {
        "min": LIMIT,
        "max": LIMIT,
        "precision": PRECISION,
        "unit": {"type": "string", "minLength": 1, "maxLength": 20, "pattern": LINE},
    }

    def precision(self, field: Field) -> int:
        """How many decimals are allowed."""
        return int(field.get("precision", 0))

    def largest(self, field: Field) -> int:  # noqa: ARG002
        """The largest absolute value."""
        return LARGEST

    def value_schema(self, field: Field) -> Schema:
        """A number within the field's limits."""
        largest = self.largest(field)
        return {
            "type": "number" if self.precision(field) else "integer",
            "minimum": max(field.get("min", -largest), -largest),
            "maximum": min(field.get("max", largest), largest),
        }

    def bounds(self, field: Field) -> Iterator[Bound]:
        """The smallest and largest number with the allowed decimals."""
        schema, precision = self.value_schema(field), self.precision(field)
        least = rounded(schema["minimum"], precision, ROUND_CEILING)
        yield Bound("min", least, "max", rounded(schema["maximum"], precision, ROUND_FLOOR))

    def problems(self, field: Field, value: Any, path: str) -> Iterator[Finding]:
        """Report too many decimals."""
        if decimals(value) > self.precision(field):
            yield Finding("bad_number", path)

    def stored(self, field: Field, value: Any) -> Any:  # noqa: ARG002
        """Store 80.0 as 80, so that one value has one digest."""
        return int(value) if value == int(value) else value

    def cel_type(self, field: Field) -> cel.Type:
        """int, or double if decimals are allowed."""
        return cel.Type.DOUBLE if self.precision(field) else cel.Type.INT

    def cel_value(self, field: Field, value: Any) -> Any:
        """As a double if decimals are allowed: int and double do not mix in plain CEL."""
        return float(value) if self.precision(field) else value

    def in_words(self, field: Field, value: Any, names: Names) -> str:  # noqa: ARG002
        """The digits as typed, and the unit. No grouping, because it may be a port or a year."""
        return f"{format(Decimal(str(value)), 'f')} {localize(field.get('unit', ''))}".strip()


class Money(Number):
    """An amount of money with `precision` decimals; 2 by default. In expressions a double.

    currency: its three-letter code, for display; default: CNY.
    """

    name = "money"
    words = {"currency": ("币种", "currency")}
    limits = {
        "min": LIMIT,
        "max": LIMIT,
        "precision": PRECISION,
        "currency": {"type": "string", "pattern": r"\A[A-Z]{3}\Z"},
    }

    def precision(self, field: Field) -> int:
        """How many decimals are allowed; 2 by default."""
        return int(field.get("precision", 2))

    def largest(self, field: Field) -> int:
        """The largest amount: fifteen digits in all, as many as every double keeps."""
        return int(10 ** (15 - self.precision(field)) - 1)

    def cel_type(self, field: Field) -> cel.Type:  # noqa: ARG002
        """Always double."""
        return cel.Type.DOUBLE

    def cel_value(self, field: Field, value: Any) -> float:  # noqa: ARG002
        """As a double."""
        return float(value)

    def in_words(self, field: Field, value: Any, names: Names) -> str:  # noqa: ARG002
        """The currency symbol and the grouped amount with all decimals: ¥12,345.60."""
        sign = get_currency_symbol(field.get("currency", CURRENCY), locale())
        pattern = "#,##0." + "0" * self.precision(field) if self.precision(field) else "#,##0"
        amount = format_decimal(Decimal(str(value)), format=pattern, locale=locale())
        return f"{sign} {amount}" if sign[-1:].isalpha() else f"{sign}{amount}"
