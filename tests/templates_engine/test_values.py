"""Form values against every field type, hostile ones included (A37)."""

import math
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from templates_engine.fields.check import check_value
from templates_engine.forms.values import check_form, visible_fields
from templates_engine.language.expressions import Expressions, Facts
from tests.hostile import HOSTILE, UNSTORABLE
from tests.within import within

APPLICANT = {"username": "alice", "name": "Alice", "department": "platform", "roles": []}
TICKET = {"priority": "normal", "title": "x"}


def field(kind: str, **limits):
    return {"key": "a", "type": kind, "label": "A", **limits}


def form(fields, values, **options):
    return check_form(Expressions(fields), values, APPLICANT, TICKET, **options)


def codes(kind: str, value, **limits) -> set[str]:
    return {finding.code for finding in check_value(field(kind, **limits), value, "form.a")}


SELECT = {"options": ["x", {"value": "y", "label": "Y"}]}


@pytest.mark.parametrize(
    ("kind", "limits", "value"),
    [
        ("text", {}, "hello"),
        ("text", {}, "x" * 500),
        ("text", {"max_length": 501}, "x" * 501),
        ("text", {"pattern": "^[a-z]+$"}, "abc"),
        ("text", {}, "中文 🧯 \u200b"),
        ("textarea", {}, "a\nb\tc\r\n"),
        ("textarea", {}, "x" * 20_000),
        ("number", {}, 0),
        ("number", {}, -(10**15)),
        ("number", {}, 10**15),
        ("number", {}, 80.0),
        ("number", {"min": 1, "max": 2}, 2),
        ("number", {"precision": 1}, 2.3),
        ("number", {"precision": 1}, 0.3),
        ("number", {"precision": 1}, 4.1),
        ("number", {"precision": 2}, 1.15),
        ("number", {"precision": 2}, 1234567.89),
        ("number", {"precision": 6}, 0.000001),
        ("number", {"precision": 1}, 7),
        ("select", SELECT, "x"),
        ("select", SELECT, "y"),
        ("switch", {}, True),
        ("switch", {}, False),
        ("date", {}, "2026-02-28"),
        ("date", {}, "2000-01-01"),
        ("date", {}, "2100-12-31"),
        ("date", {}, "2028-02-29"),
        ("datetime", {}, "2026-11-21T09:00:00+08:00"),
        ("datetime", {}, "2026-11-21T09:00Z"),
        ("datetime", {}, "2026-11-21 09:00:00.123456-11:30"),
        ("hosts", {}, ["demo-01"]),
        ("hosts", {}, [f"h{i}" for i in range(200)]),
    ],
)
def test_good_values(kind, limits, value) -> None:
    assert codes(kind, value, **limits) == set()


@pytest.mark.parametrize(
    ("kind", "limits", "value", "code"),
    [
        ("text", {}, "x" * 501, "too_long"),
        ("text", {"max_length": 3}, "🧯🧯🧯🧯", "too_long"),
        ("text", {"min_length": 3}, "ab", "too_short"),
        ("text", {"pattern": "^[a-z]+$"}, "ABC", "bad_pattern"),
        ("textarea", {"pattern": "^[a-z]+$"}, "abc\n", "bad_pattern"),
        ("text", {"pattern": "^[a-z]+$"}, "abc\n", "control_characters"),
        ("text", {}, "abc\n", "control_characters"),
        ("text", {}, "a\r\nBcc: x", "control_characters"),
        ("text", {}, "a\u2028b", "control_characters"),
        ("text", {}, "a\x85b", "control_characters"),
        ("text", {}, "\ud800", "control_characters"),
        ("text", {}, 5, "wrong_type"),
        ("text", {}, ["a"], "wrong_type"),
        ("text", {}, {"a": "b"}, "wrong_type"),
        ("text", {}, True, "wrong_type"),
        ("textarea", {}, "x" * 20_001, "too_long"),
        ("textarea", {}, "a\x00b", "control_characters"),
        ("textarea", {}, "\x1b[31m", "control_characters"),
        ("textarea", {}, "\x9b31m", "control_characters"),
        ("number", {}, 1.5, "wrong_type"),
        ("number", {}, "1", "wrong_type"),
        ("number", {}, True, "wrong_type"),
        ("number", {}, 10**15 + 1, "too_big"),
        ("number", {}, 10**400, "too_big"),
        ("number", {}, -(10**400), "too_small"),
        ("number", {"min": 1}, 0, "too_small"),
        ("number", {"max": 1}, 2, "too_big"),
        ("number", {"precision": 1}, 2.35, "bad_number"),
        ("number", {"precision": 6}, 1e-7, "bad_number"),
        ("number", {}, math.nan, "bad_number"),
        ("number", {"precision": 1}, math.inf, "bad_number"),
        ("number", {"precision": 1}, -math.inf, "bad_number"),
        ("text", {}, math.nan, "bad_number"),
        ("select", SELECT, "z", "not_an_option"),
        ("select", SELECT, "X", "not_an_option"),
        ("select", SELECT, "x ", "not_an_option"),
        ("select", SELECT, ["x"], "not_an_option"),
        ("select", SELECT, {"value": "y"}, "not_an_option"),
        ("switch", {}, 1, "wrong_type"),
        ("switch", {}, "true", "wrong_type"),
        ("date", {}, "2026-02-29", "bad_date"),
        ("date", {}, "1999-12-31", "bad_date"),
        ("date", {}, "9999-01-01", "bad_date"),
        ("date", {}, "2026-1-1", "bad_date"),
        ("date", {}, "20261121", "bad_date"),
        ("date", {}, "2026-W47-6", "bad_date"),
        ("date", {}, "２０２６-11-21", "bad_date"),
        ("date", {}, "2026-11-21\n", "bad_date"),
        ("date", {}, 5, "wrong_type"),
        ("date", {}, [], "wrong_type"),
        ("datetime", {}, "2026-11-21T09:00:00", "bad_datetime"),
        ("datetime", {}, "9999-12-31T23:59:59Z", "bad_datetime"),
        ("datetime", {}, "0001-01-01T00:00:00+14:00", "bad_datetime"),
        ("datetime", {}, "2026-11-21T25:00:00Z", "bad_datetime"),
        ("datetime", {}, "2026-11-21\x0009:00:00Z", "bad_datetime"),
        ("datetime", {}, "2026-W47-6T09:00:00Z", "bad_datetime"),
        ("datetime", {}, "2026-11-21T09:00:00+99:00", "bad_datetime"),
        ("datetime", {}, 1_700_000_000, "wrong_type"),
        ("datetime", {}, {"$date": 1}, "wrong_type"),
        ("hosts", {}, ["demo-01", "demo-01"], "repeated_item"),
        ("hosts", {}, ["*"], "bad_pattern"),
        ("hosts", {}, ["demo-01\n"], "bad_pattern"),
        ("hosts", {}, ["-oProxyCommand=id"], "bad_pattern"),
        ("hosts", {}, ["../etc"], "bad_pattern"),
        ("hosts", {}, ["дemo"], "bad_pattern"),
        ("hosts", {}, [1], "wrong_type"),
        ("hosts", {}, [["demo-01"]], "wrong_type"),
        ("hosts", {}, "demo-01", "wrong_type"),
        ("hosts", {}, [f"h{i}" for i in range(201)], "too_many_items"),
        ("hosts", {"max_items": 1}, ["a", "b"], "too_many_items"),
        ("hosts", {"min_items": 2}, ["a"], "too_few_items"),
    ],
)
def test_A37_bad_values(kind, limits, value, code) -> None:
    found = codes(kind, value, **limits)
    assert code in found
    for finding in check_value(field(kind, **limits), value, "form.a"):
        assert finding.path.startswith("form.a")
        assert finding.render()["message"]


@pytest.mark.parametrize("kind", ["text", "textarea", "number", "select", "switch", "date", "datetime", "hosts"])
def test_A37_every_hostile_text_is_taken_as_it_is_or_refused(kind) -> None:
    limits = SELECT if kind == "select" else {}
    for name, text in {**HOSTILE, **UNSTORABLE}.items():
        for value in (text, [text], {text: text}):
            found = codes(kind, value, **limits)
            if name in UNSTORABLE:
                assert found
            elif not found:
                stored, findings = form([field(kind, **limits)], {"a": value})
                assert (stored["a"], findings) == (value, [])


def test_A37_a_pattern_of_an_author_cannot_hang() -> None:
    with within(1):
        assert codes("textarea", "a" * 19_000 + "!", pattern="^(a+)+$") == {"bad_pattern"}


def test_A37_a_million_items_are_counted_not_compared() -> None:
    with within(1):
        assert codes("hosts", [1, "a"] * 500_000) == {"too_many_items"}


def test_A37_ten_thousand_keys() -> None:
    with within(1):
        values, findings = form([field("text")], {"a": "x"} | {f"k{i}": i for i in range(10_000)})
    assert {finding.code for finding in findings} == {"unknown_form_key"}
    assert len(findings) <= 100
    assert values == {"a": "x"}


@pytest.mark.parametrize("key", ["__proto__", "constructor", "A", "a ", "", "a\x00", "\ud800", "form.a"])
def test_A37_unknown_keys(key) -> None:
    _values, findings = form([field("text")], {key: "x"})
    assert [finding.code for finding in findings] == ["unknown_form_key"]


@pytest.mark.parametrize("value", [None, [], "x", 5, True, math.nan])
def test_a_form_is_a_mapping(value) -> None:
    assert [finding.code for finding in form([field("text")], value)[1]] == ["wrong_type"]


def test_one_value_has_one_form() -> None:
    fields = [field("number"), field("number", precision=2) | {"key": "b"}]
    values, findings = form(fields, {"a": 80.0, "b": 3.0})
    assert findings == []
    assert repr(values) == "{'a': 80, 'b': 3}"


@pytest.mark.parametrize("empty", [None, "", []])
def test_empty_values_are_left_out(empty) -> None:
    assert form([field("text"), field("hosts") | {"key": "b"}], {"a": empty, "b": empty}) == ({}, [])
    _values, findings = form([field("text", required=True)], {"a": empty})
    assert [(finding.code, finding.path) for finding in findings] == [("required", "form.a")]
    assert form([field("text", required=True)], {"a": empty}, complete=False) == ({}, [])


def test_a_default_fills_what_was_not_sent_only() -> None:
    fields = [field("text", default="d")]
    assert form(fields, {}) == ({"a": "d"}, [])
    assert form(fields, {"a": "x"}) == ({"a": "x"}, [])
    assert form(fields, {"a": ""}) == ({}, [])


def test_a_wrong_value_is_not_also_called_missing() -> None:
    _values, findings = form([field("hosts", required=True)], {"a": ["*"]})
    assert [finding.code for finding in findings] == ["bad_pattern"]


HIDING = [
    field("switch") | {"key": "s"},
    field("text", required=True, visible_when="form.s"),
    field("text", visible_when="form.a == 'deep'") | {"key": "b"},
]


def test_hidden_fields_take_no_value_and_are_not_required() -> None:
    assert form(HIDING, {}) == ({}, [])
    assert form(HIDING, {"s": True, "a": "x"}) == ({"s": True, "a": "x"}, [])
    assert [f.code for f in form(HIDING, {"s": True})[1]] == ["required"]
    values, findings = form(HIDING, {"s": False, "a": "x"})
    assert [(f.code, f.path) for f in findings] == [("not_visible", "form.a")]
    assert "a" not in values


def test_a_hidden_field_hides_what_hangs_on_it() -> None:
    assert form(HIDING, {"s": True, "a": "deep", "b": "y"})[1] == []
    _values, findings = form(HIDING, {"s": False, "a": "deep", "b": "y"})
    assert {f.path for f in findings} == {"form.a", "form.b"}


def test_a_condition_that_cannot_be_evaluated_hides() -> None:
    fields = [field("number") | {"key": "n"}, field("text", visible_when="form.n > 3")]
    assert form(fields, {"n": 4, "a": "x"})[1] == []
    assert [f.code for f in form(fields, {"a": "x"})[1]] == ["not_visible"]


# --- what is hidden -------------------------------------------------------------------------------------------------

SHOWN_BY_WHAT_FOLLOWS = [
    {"key": "a", "type": "text", "label": "A", "visible_when": "form.b == 'x'"},
    {"key": "c", "type": "switch", "label": "C"},
    {"key": "b", "type": "select", "label": "B", "options": ["x", "y"], "default": "x", "visible_when": "form.c"},
]


def test_A37_a_field_that_a_later_hidden_one_showed_keeps_no_value() -> None:
    values, findings = form(SHOWN_BY_WHAT_FOLLOWS, {"a": "secret"})
    assert [(found.code, found.path) for found in findings] == [("not_visible", "form.a")]
    assert values == {}
    shown, findings = form(SHOWN_BY_WHAT_FOLLOWS, {"a": "secret", "c": True})
    assert (shown, findings) == ({"a": "secret", "c": True, "b": "x"}, [])


def test_A37_a_long_line_of_fields_falls_together() -> None:
    """Each is shown by the one behind it; the last one is not."""
    line = [
        {"key": f"f{i}", "type": "text", "label": "F", "default": "x", "visible_when": f"form.f{i + 1} == 'x'"}
        for i in range(100)
    ]
    fields = [*line, {"key": "f100", "type": "text", "label": "F", "visible_when": "false"}]
    with within(5):
        assert form(fields, {}) == ({}, [])


def test_A37_fields_that_hide_each_other_come_to_rest() -> None:
    """f1 hides f0, whose loss would show f1 again: what is stored is shown, and what was sent is not lost unsaid."""
    fields = [
        {"key": "f0", "type": "text", "label": "F", "visible_when": "form.f1 == ''"},
        {"key": "f1", "type": "text", "label": "F", "visible_when": "form.f0 == ''"},
    ]
    for sent in ({"f0": "x"}, {"f1": "x"}):
        assert form(fields, sent) == (sent, [])
    values, findings = form(fields, {"f0": "x", "f1": "x"})
    assert {found.code for found in findings} == {"not_visible"}
    assert len(values) < 2


@given(
    st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.booleans()), min_size=6, max_size=6),
    st.sets(st.integers(0, 5)),
)
def test_A37_nothing_hidden_is_ever_stored(conditions, filled) -> None:
    fields: list[Any] = [
        {"key": f"f{i}", "type": "text", "label": "F", **({"default": "d"} if has_default else {}),
         "visible_when": f"form.f{on} {'==' if wants_empty else '!='} ''"}
        for i, (on, wants_empty, has_default) in enumerate(conditions)
    ]  # fmt: skip
    expressions = Expressions(fields)
    values, findings = check_form(expressions, {f"f{i}": "x" for i in filled}, APPLICANT, TICKET)
    assert set(values) <= set(visible_fields(expressions, Facts(values, APPLICANT, TICKET)))
    lost = {f"f{i}" for i in filled} - values.keys()
    assert lost == {found.path.removeprefix("form.") for found in findings}


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "UTC"])
@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z"])
@pytest.mark.parametrize("kind", ["date", "datetime", "daterange"])
def test_A37_the_ends_of_the_calendar_are_no_default(settings, kind, moment, zone) -> None:
    settings.TIME_ZONE = zone
    timezone.get_default_timezone.cache_clear()  # type: ignore[attr-defined]
    at = f"timestamp('{moment}')"
    expression = f"{{'start': {at}, 'end': {at}}}" if kind == "daterange" else at
    assert form([field(kind, default={"expression": expression})], {}) == ({}, [])
