"""Defaults that are expressions."""

from typing import Any

import pytest

from templates_engine.forms.check import check_field_expressions, check_fields
from templates_engine.language.expressions import Expressions
from tests.templates_engine.forms import field, form, found


def default(source: str) -> Any:
    return {"default": {"expression": source}}


@pytest.mark.parametrize(
    ("kind", "source", "value"),
    [
        ("text", "applicant.name + ' / ' + ticket.priority", "Alice / normal"),
        ("user", "applicant.username", "alice"),
        ("department", "applicant.department", "platform"),
        ("users", "[applicant.username]", ["alice"]),
        ("number", "2 + 3", 5),
        ("money", "10", 10),
        ("money", "0.5 * 3.0", 1.5),
        ("select", "form.z == '' ? 'x' : 'y'", "x"),
        ("switch", "'dev' in applicant.roles", True),
        ("date", "timestamp('2026-11-20T17:00:00Z')", "2026-11-21"),
        ("datetime", "timestamp('2026-11-20T17:00:00Z')", "2026-11-21T01:00:00+08:00"),
        ("daterange", "{'start': timestamp('2026-11-20T17:00:00Z'), 'end': timestamp('2026-11-21T17:00:00Z')}",
         {"start": "2026-11-21", "end": "2026-11-22"}),
        ("cascade", "['west']", ["west"]),
        ("table", "[{'name': form.z + 'q', 'price': 80.0}]", [{"name": "q", "price": 80}]),
    ],
)  # fmt: skip
def test_a_default_may_be_computed(kind, source, value) -> None:
    fields = [field("text", "z"), field(kind, **default(source))]
    assert list(check_fields(fields)) == []
    assert list(check_field_expressions(fields, Expressions(fields))) == []
    values, findings = form(fields, {})
    assert (values, findings) == ({"a": value}, [])
    assert form(fields, values) == (values, [])
    assert form(fields, {"a": None}) == ({}, [])


@pytest.mark.parametrize(
    "source",
    [
        "form.z",
        "string(1 / size(form.z))",
        "'x'.matches(form.z) ? 'a' : 'b\\n'",
        "applicant.name + '\\n'",
        "'y' + form.z",
    ],
)
def test_a_computed_default_that_does_not_fit_is_none(source) -> None:
    fields = [field("text", "z"), field("text", max_length=1, required=True, **default(source))]
    values, findings = form(fields, {"z": "(("} if "matches" in source else {})
    expected = {"a": "y"} if source.startswith("'y'") else {}
    assert {key: value for key, value in values.items() if key == "a"} == expected
    assert found(findings) == ([] if expected else [("required", "form.a")])


@pytest.mark.parametrize(
    ("kind", "source", "code"),
    [
        ("text", "1", "wrong_expression_type"),
        ("number", "1.5", "wrong_expression_type"),
        ("users", "'alice'", "wrong_expression_type"),
        ("date", "'2026-11-21'", "wrong_expression_type"),
        ("text", "form.nope", "unknown_field"),
        ("text", "form.later", "later_field"),
        ("text", "form.a", "later_field"),
        ("text", "item", "unknown_field"),
        ("text", "now", "unknown_field"),
        ("text", "1 +", "bad_expression"),
    ],
)
def test_a_computed_default_is_typed(kind, source, code) -> None:
    fields = [field("text", "z"), field(kind, **default(source)), field("text", "later")]
    findings = list(check_field_expressions(fields, Expressions(fields)))
    assert found(findings) == [(code, "form[1].default.expression")]


def test_a_hidden_field_lends_its_value_to_no_default() -> None:
    fields = [
        field("switch", "s"),
        field("text", "b", default="secret", visible_when="form.s"),
        field("text", **default("form.b")),
    ]
    assert form(fields, {}) == ({}, [])
    assert form(fields, {"s": True})[0] == {"s": True, "b": "secret", "a": "secret"}


def test_a_hidden_field_may_be_sent_with_its_computed_default() -> None:
    fields = [field("text", visible_when="false", **default("applicant.username"))]
    assert form(fields, {"a": "alice"}) == ({}, [])
    assert found(form(fields, {"a": "bob"})[1]) == [("not_visible", "form.a")]
