"""Integers and decimals can be mixed in one expression."""

from typing import Any

import pytest

from templates_engine.language.expressions import ExpressionFailed, Expressions, Facts

FORM: list[Any] = [
    {"key": "amount", "type": "money"},
    {"key": "days", "type": "number", "precision": 1},
    {"key": "count", "type": "number"},
    {"key": "t", "type": "text"},
    {"key": "rows", "type": "table", "columns": [{"key": "price", "type": "money"}, {"key": "n", "type": "number"}]},
]
EXPRESSIONS = Expressions(FORM)


def value(source, **form):
    assert EXPRESSIONS.check(source, "p") == []
    return given(source, form)


def given(source, form):
    applicant = {"username": "a", "name": "A", "department": "", "roles": []}
    return EXPRESSIONS.evaluate(source, Facts(form, applicant, {"priority": "low", "title": ""}))


@pytest.mark.parametrize(
    ("source", "form", "result"),
    [
        ("form.amount > 5000", {"amount": 5000}, False),
        ("form.amount > 5000", {"amount": 5000.01}, True),
        ("form.amount >= 5000", {"amount": 5000}, True),
        ("5000 < form.amount", {"amount": 5000.01}, True),
        ("form.days >= 3", {"days": 2.9}, False),
        ("form.days == 3", {"days": 3}, True),
        ("form.days != 3", {"days": 3.1}, True),
        ("form.days in [1, 2, 3]", {"days": 3}, True),
        ("form.count in [1.0, 2.5]", {"count": 1}, True),
        ("form.count > 2.5", {"count": 3}, True),
        ("form.amount * 2 > 100", {"amount": 50}, False),
        ("form.amount * 2 > 100", {"amount": 50.01}, True),
        ("form.amount - 1 < form.count", {"amount": 3.5, "count": 3}, True),
        ("form.amount / form.count", {"amount": 7.5, "count": 3}, 2.5),
        ("form.count + 0.5", {"count": 1}, 1.5),
        ("form.count * form.amount", {"count": 3, "amount": 0.1}, 0.3),
        ("form.amount < 999999999999999", {"amount": 999999999999998.9}, True),
        ("form.count == 999999999999999.0", {"count": 999999999999998}, False),
        ("form.rows.exists(r, r.price > 5)", {"rows": [{"price": 5.01}]}, True),
        ("form.rows.exists(r, r.price * 2 > 10)", {"rows": [{"price": 5}]}, False),
        ("form.rows.all(r, r.price / r.n < 3)", {"rows": [{"price": 5, "n": 2}]}, True),
    ],
)
def test_mixed(source, form, result) -> None:
    assert value(source, **form) == result


@pytest.mark.parametrize(
    ("source", "form", "result"),
    [
        ("form.count + 1", {"count": 4}, 5),
        ("7 / form.count", {"count": 2}, 3),
        ("form.count % 2", {"count": 5}, 1),
        ("9007199254740993 - 9007199254740992", {}, 1),
        ("9007199254740993 > 9007199254740992", {}, True),
        ("form.count * 3", {"count": 333_333_333_333_333}, 999_999_999_999_999),
    ],
)
def test_whole_numbers_stay_whole_and_exact(source, form, result) -> None:
    found = value(source, **form)
    assert found == result
    assert type(found) is type(result)


@pytest.mark.parametrize(
    "source",
    ["form.amount > '3'", "form.t > 3", "form.t == 3", "form.t + 3", "form.amount in ['3']", "form.amount && true",
     "form.amount % 2", "form.count == null"],
)  # fmt: skip
def test_other_kinds_still_do_not_mix(source) -> None:
    assert [finding.code for finding in EXPRESSIONS.check(source, "p")] == ["bad_expression"]


@pytest.mark.parametrize("source", ["form.amount / 0 > 1", "form.count / 0 > 1", "form.amount / form.count > 1"])
def test_I26_nothing_is_divided_by_nought(source) -> None:
    with pytest.raises(ExpressionFailed):
        given(source, {"amount": 3.5, "count": 0})


@pytest.mark.parametrize(
    ("source", "form", "result"),
    [
        ("has(form.count)", {"count": 0}, True),
        ("has(form.count)", {}, False),
        ("has(form.t)", {"t": "x"}, True),
        ("has(form.t)", {}, False),
        ("has(form.rows)", {"rows": [{"n": 1}]}, True),
        ("has(form.t) && form.count > 3", {"count": 1}, False),
        ("has(applicant.department)", {}, False),
        ("has(applicant.username)", {}, True),
        ("form.rows.map(r, has(r.n))", {"rows": [{"n": 1}, {"price": 2}]}, [True, False]),
        ("'has(form.t)'", {}, "has(form.t)"),
        ("form.t // has(form.t)", {"t": "x"}, "x"),
    ],
)
def test_has_asks_whether_there_is_a_value(source, form, result) -> None:
    assert value(source, **form) == result
