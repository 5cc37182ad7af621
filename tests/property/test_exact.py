"""Expressions calculate decimals exactly, as Python's Decimal does."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates_engine.language import exact
from templates_engine.language.expressions import Expressions, Facts
from templates_engine.text import localize

PRICES = [
    {"key": "price", "type": "money", "label": "P", "required": True},
    {"key": "n", "type": "number", "label": "N"},
]
FORM: list[Any] = [
    {"key": "a", "type": "money", "label": "A", "required": True},
    {"key": "b", "type": "money", "label": "B", "required": True},
    {"key": "d", "type": "number", "precision": 6, "label": "D", "required": True},
    {"key": "n", "type": "number", "label": "N", "required": True},
    {"key": "rows", "type": "table", "label": "R", "columns": PRICES},
]
EXPRESSIONS = Expressions(FORM)
cents = st.integers(-(10**15) + 1, 10**15 - 1).map(lambda count: Decimal(count).scaleb(-2))
small = st.integers(-(10**11), 10**11).map(lambda count: Decimal(count).scaleb(-2))
fine = st.integers(-(10**12), 10**12).map(lambda count: Decimal(count).scaleb(-6))
counts = st.integers(-10_000, 10_000)


def value(source: str, **form):
    stored = {key: float(one) if isinstance(one, Decimal) else one for key, one in form.items()}
    return EXPRESSIONS.evaluate(source, Facts(stored, {}, {"priority": "normal", "title": ""}))


def plain(number: Decimal) -> str:
    """The digits, without zeros that say nothing."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@given(cents, cents)
def test_money_adds_up_and_compares(a, b) -> None:
    assert value("form.a + form.b", a=a, b=b) == float(a + b)
    assert value("form.a - form.b", a=a, b=b) == float(a - b)
    assert value("form.a > form.b", a=a, b=b) == (a > b)
    assert value("form.a == form.b", a=a, b=b) == (a == b)


@given(small, small, fine, counts)
def test_products_and_parts(a, b, d, n) -> None:
    assert value("form.a * form.n", a=a, n=n) == float(a * n)
    assert value("int(form.a * 100)", a=a) == int(a * 100)
    assert value("form.a * form.d", a=a, d=d) == float(a * d)
    assert value("form.a * form.n + form.b == form.d", a=a, b=b, d=a * n + b, n=n)
    assert value("form.a + form.b - form.b == form.a", a=a, b=b)


@given(small, st.integers(1, 10_000))
def test_quotients_are_the_nearest(a, n) -> None:
    exactly = Fraction(a) / n
    assert value("form.a / form.n", a=a, n=n) == float(exactly)


@given(st.lists(small, max_size=50))
def test_parts_equal_their_total(parts) -> None:
    rows = [{"price": float(part)} for part in parts]
    assert value("sum(form.rows, 'price')", rows=rows) == float(sum(parts))
    assert value("sum(form.rows, 'price') == form.d", rows=rows, d=sum(parts, Decimal(0)))
    assert value("sum(form.rows.map(r, r.price * 3))", rows=rows) == float(sum(parts) * 3)


@given(cents)
def test_texts_say_every_digit(a) -> None:
    assert value("string(form.a)", a=a) == plain(a)
    assert value("text(form.a)", a=a) == f"{a:,.2f}"
    assert value("double(string(form.a)) == form.a", a=a)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_number_is_written_without_an_exponent(number) -> None:
    assert "e" not in exact.plain(number)
    assert float(exact.plain(number)) == number
    assert "e" not in exact.grouped(number)
    assert float(exact.grouped(number).replace(",", "")) == number


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("0.1 + 0.2 == 0.3", True),
        ("19.9 * 3 == 59.7", True),
        ("int(1234567.89 * 100.0)", 123456789),
        ("0.3 - 0.1 == 0.2", True),
        ("string(form.a)", "1000000"),
        ("text(form.a)", "1,000,000.00"),
        ("text(form.a * 3 + form.b)", "3,000,019.90"),
        ("string(form.b * form.n)", "59.7"),
        ("string(dyn(form.a))", "1000000"),
        ("text(form.n)", "3"),
        ("text(8080)", "8080"),
        ("text(form.d)", "1,234.5"),
        ("string(-0.5)", "-0.5"),
        ("text(-0.5)", "-0.5"),
        ("sum(form.rows, 'price')", 20.2),
        ("sum(form.rows, 'n')", 3),
        ("text(sum(form.rows, 'price'))", "20.20"),
        ("'¥' + text(sum(form.rows, 'price'))", "¥20.20"),
        ("sum(form.rows.map(r, r.price * 2))", 40.4),
        ("sum(form.rows.filter(r, r.price > 1), 'price')", 19.9),
        ("sum([1, 2]) + sum([0.1, 0.2])", 3.3),
        ("sum(form.rows.filter(r, r.price > 100), 'price') == 0", True),
        ("form.rows.exists(r, r.price + 0.2 == 0.5)", True),
        ("form.rows.map(r, string(r.price))", ["0.3", "19.9"]),
        ("dyn(7) / dyn(2) == 3 && dyn(-7) / dyn(2) == -3", True),
        ("dyn('a') + dyn('b') + 'c'", "abc"),
        ("[1] + dyn([2])", [1, 2]),
        ("7 / 2", 3),
    ],
)
def test_sums_as_people_know_them(source, result) -> None:
    assert [finding.render() for finding in EXPRESSIONS.check(source, "p")] == []
    rows = [{"price": 0.3, "n": 3}, {"price": 19.9}]
    assert value(source, a=1_000_000, b=19.9, d=1234.5, n=3, rows=rows) == result


@pytest.mark.parametrize(
    ("source", "code", "words"),
    [
        ("sum(form.rows, 'prise') > 3", "unknown_field", "price"),
        ("sum(form.rows, form.n) > 3", "bad_expression", "sum"),
        ("sum(['a']) > 3", "bad_expression", ""),
        ("sum(form.rows.map(r, string(r.price))) > 3", "bad_expression", ""),
        ("text(form.rows) == ''", "bad_expression", ""),
    ],
)
def test_what_cannot_be_added_up_is_refused(source, code, words) -> None:
    (finding,) = EXPRESSIONS.check(source, "p")
    assert finding.code == code
    assert words in f"{finding.message['en']} {localize(finding.suggestion, 'en')}"


def test_the_sum_of_whole_numbers_is_whole() -> None:
    assert EXPRESSIONS.check("sum(form.rows, 'n')", "p", "INT") == []
    assert EXPRESSIONS.check("sum(form.rows, 'price')", "p", "DOUBLE") == []
    (finding,) = EXPRESSIONS.check("sum(form.rows, 'price')", "p", "INT")
    assert finding.code == "wrong_expression_type"
