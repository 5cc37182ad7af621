"""Exact decimal arithmetic: 0.1 + 0.2 is 0.3, 19.9 * 3 is 59.7.

A decimal is passed as a double and means the shortest number that reads as this double: what was typed, up to fifteen
digits. Every step is calculated with these numbers; its result is the nearest double again.
"""

from collections.abc import Iterable
from decimal import Context, Decimal
from typing import Any

DIGITS = Context(prec=60)  # enough for two factors of fifteen digits, summed five hundred times


def decimal(value: float) -> Decimal:
    """The decimal number that an int or a double means."""
    return Decimal(repr(value))


def plus(left: Any, right: Any) -> Any:
    """The sum; texts and lists are concatenated."""
    return float(DIGITS.add(decimal(left), decimal(right))) if _decimals(left, right) else left + right


def minus(left: Any, right: Any) -> Any:
    """The difference."""
    return float(DIGITS.subtract(decimal(left), decimal(right))) if _decimals(left, right) else left - right


def times(left: Any, right: Any) -> Any:
    """The product."""
    return float(DIGITS.multiply(decimal(left), decimal(right))) if _decimals(left, right) else left * right


def divided(left: Any, right: Any) -> Any:
    """The quotient; of two ints an int, truncated. Raises ZeroDivisionError."""
    if right == 0:
        raise ZeroDivisionError("division by zero")
    if _decimals(left, right):
        return float(DIGITS.divide(decimal(left), decimal(right)))
    whole = abs(left) // abs(right)
    return whole if (left < 0) is (right < 0) else -whole


def total(numbers: Iterable[float]) -> float:
    """The sum, rounded once at the end; of ints an int."""
    numbers = list(numbers)
    if all(isinstance(number, int) for number in numbers):
        return sum(numbers)
    exact = Decimal(0)
    for number in numbers:
        exact = DIGITS.add(exact, decimal(number))
    return float(exact)


def total_of(rows: Iterable[dict[str, Any]], column: str) -> float:
    """The sum of one column; an empty cell adds nothing."""
    return total(row[column] for row in rows if column in row)


def plain(value: float) -> str:
    """A number in digits, never as 1e+06: 1000000, 0.1."""
    number = decimal(value)
    if not number.is_finite():
        return str(value)
    return f"{number.to_integral_value() if number == number.to_integral_value() else number:f}"


def grouped(value: float, decimals: int | None = None) -> str:
    """A decimal with grouped digits: 1,234,567.89; with `decimals` places if given: 1,000.00."""
    number = decimal(value)
    if decimals is None or not number.is_finite():
        whole, point, rest = plain(value).partition(".")
        return f"{int(whole):,}{point}{rest}" if number.is_finite() and whole != "-0" else whole + point + rest
    return f"{number.quantize(Decimal(1).scaleb(-decimals), context=DIGITS):,f}"


def _decimals(left: Any, right: Any) -> bool:
    """Whether one of the two is a double; the other is then a number."""
    return isinstance(left, float) or isinstance(right, float)
