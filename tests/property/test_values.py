"""Form values against an independent, simple validator; cursors against any input."""

import math
import re
from datetime import date
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from common.paging import BadPage, decode, encode
from templates_engine.fields import FIELD_TYPES
from templates_engine.fields.check import check_value
from templates_engine.forms.values import changes, check_edit, check_form, json_schema
from templates_engine.language.expressions import Expressions, Facts
from templates_engine.reading.yaml_reader import Unreadable, read
from tickets.trail.digests import digest

BOUNDED = settings(max_examples=200, deadline=None, database=None)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)
TICKET = {"priority": "low", "title": ""}
LINE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
HOST = re.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,252}")


def good(kind: str, value, low: int, high: int) -> bool:
    """The same rules, said plainly."""
    if kind == "text":
        return isinstance(value, str) and low <= len(value) <= high and not LINE.search(value)
    if kind == "number":
        whole = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
        return whole and value == int(value) and low <= value <= high
    if kind == "switch":
        return isinstance(value, bool)
    if kind == "select":
        return value in ("x", "y") and isinstance(value, str)
    if kind == "hosts":
        listed = isinstance(value, list) and max(low, 1) <= len(value) <= max(high, 1)
        names = listed and all(isinstance(name, str) and HOST.fullmatch(name) for name in value)
        return bool(names) and len(set(value)) == len(value)
    try:
        return isinstance(value, str) and len(value) == 10 and 2000 <= date.fromisoformat(value).year <= 2100
    except ValueError:
        return False


def limits(kind: str, low: int, high: int) -> Any:
    found: dict[str, dict[str, Any]] = {
        "text": {"min_length": low, "max_length": high},
        "number": {"min": low, "max": high},
        "hosts": {"min_items": max(low, 1), "max_items": max(high, 1)},
        "select": {"options": ["x", "y"]},
    }
    return found.get(kind, {})


LIKELY = st.one_of(
    JSON,
    st.sampled_from(["x", "y", "demo-01", "2026-11-21", "2026-02-30", 5, 5.0, True]),
    st.dates().map(str),
    st.lists(st.sampled_from(["demo-01", "web.2", "*", "-x"]), max_size=4),
    st.text(st.characters(codec=None), max_size=12),
)


@BOUNDED
@given(
    kind=st.sampled_from(["text", "number", "switch", "select", "hosts", "date"]),
    value=LIKELY, low=st.integers(0, 3), more=st.integers(0, 5),
)  # fmt: skip
def test_A37_a_value_is_good_exactly_where_the_plain_rules_say_so(kind, value, low, more) -> None:
    field: Any = {"key": "a", "type": kind, "label": "A", **limits(kind, low, low + more)}
    found = list(check_value(field, value, "form.a"))
    assert (found == []) is good(kind, value, low, low + more)
    for finding in found:
        orjson.dumps(finding.code)
        assert finding.path.startswith("form.a")


OPTIONS = {"options": ["x", "y", {"value": "z", "label": "Z"}]}
CELLS = [
    {"key": "a", "type": "text", "label": "A", "required": True},
    {"key": "b", "type": "money", "label": "B", "max": 100},
    {"key": "c", "type": "multiselect", "label": "C", **OPTIONS},
    {"key": "d", "type": "daterange", "label": "D", "max_days": 10},
    {"key": "e", "type": "number", "label": "E", "precision": 3},
    {"key": "f", "type": "date", "label": "F"},
]
NEEDED: dict[str, Any] = {
    **dict.fromkeys(("select", "radio", "multiselect", "checkbox"), OPTIONS),
    "cascade": {"options": [{"value": "x", "children": [{"value": "y"}, {"value": "z"}]}, {"value": "y"}]},
    "table": {"columns": CELLS},
    "number": {"precision": 4},
}
DAY = st.sampled_from(["2026-11-21", "2026-11-22", "2026-02-30", "9999-01-01", ""])
PARTS = st.one_of(
    LIKELY,
    st.decimals(-1000, 1000, places=3).map(float),
    st.sampled_from(["alice", "platform", "2026-11-21T09:00:00+08:00", "0123456789abcdef" * 2]),
    st.lists(st.sampled_from(["x", "y", "z", "alice", "0123456789abcdef" * 2]), max_size=4),
    st.fixed_dictionaries({"start": DAY, "end": DAY}, optional={"more": DAY}),
)
ROWS = st.lists(st.dictionaries(st.sampled_from(["a", "b", "c", "d", "e", "f", "q"]), PARTS, max_size=5), max_size=4)
FACTS = {"username": "alice", "name": "A", "department": "", "roles": []}


@settings(BOUNDED, max_examples=1000)
@given(kind=st.sampled_from(list(FIELD_TYPES)), value=PARTS | ROWS)
def test_A37_any_json_in_any_field_is_refused_or_comes_back_as_it_is(kind, value) -> None:
    field: Any = {"key": "a", "type": kind, "label": "A", **NEEDED.get(kind, {})}
    expressions = Expressions([field])
    stored, findings = check_form(expressions, {"a": value}, FACTS, TICKET)
    if findings:
        for finding in findings:
            assert finding.path.startswith("form.a")
            orjson.dumps(finding.render())
        return
    assert list(Draft202012Validator(json_schema([field])).iter_errors(stored)) == []
    again, findings = check_form(expressions, stored, FACTS, TICKET)
    assert findings == []
    assert digest(again) == digest(stored) == digest(orjson.loads(orjson.dumps(stored)))
    assert changes([field], stored, again) == []
    assert check_edit(expressions, stored, dict(stored), set(), FACTS, TICKET) == (stored, [])
    if stored:  # expressions take what is stored, and what they give back is stored the same
        seen = expressions.evaluate("form.a", Facts(stored, FACTS, TICKET))
        back = FIELD_TYPES[kind].from_cel(field, seen)
        if kind != "datetime":  # another zone for the same moment
            assert digest(check_form(expressions, {"a": back}, FACTS, TICKET)[0]) == digest(stored)


@BOUNDED
@given(before=ROWS, change=PARTS | ROWS, allowed=st.booleans())
def test_A37_an_edit_changes_what_is_allowed_or_nothing(before, change, allowed) -> None:
    fields: list[Any] = [
        {"key": "t", "type": "table", "label": "T", "columns": CELLS},
        {"key": "a", "type": "text", "label": "A", "visible_when": "size(form.t) > 1"},
    ]
    expressions = Expressions(fields)
    stored, findings = check_form(expressions, {"t": before}, FACTS, TICKET)
    if findings:
        return
    after, findings = check_edit(expressions, stored, {"t": change}, {"t"} if allowed else {"a"}, FACTS, TICKET)
    if not findings:
        assert allowed or digest(after) == digest(stored)
        assert {row["field"] for row in changes(fields, stored, after)} <= {"t", "a"}


@BOUNDED
@given(form=st.dictionaries(st.sampled_from(["a", "b", "c", "d"]) | st.text(max_size=4), LIKELY, max_size=5))
def test_A37_a_whole_form_is_stored_or_refused_never_lost(form) -> None:
    fields: list[Any] = [
        {"key": "a", "type": "text", "label": "A"},
        {"key": "b", "type": "number", "label": "B", "precision": 2},
        {"key": "c", "type": "hosts", "label": "C"},
        {"key": "d", "type": "datetime", "label": "D", "visible_when": "form.a != ''"},
    ]
    values, findings = check_form(Expressions(fields), form, FACTS, TICKET)
    if not findings:
        sent = {key: value for key, value in form.items() if value not in (None, "", []) and value is not False}
        assert {key: values[key] for key in sent} == sent
        assert orjson.loads(orjson.dumps(values)) == values


@BOUNDED
@given(st.integers(-(2**63), 2**63 - 1) | st.text() | st.lists(st.integers(0, 9)))
def test_a_cursor_comes_back(key) -> None:
    try:
        cursor = encode(key)
    except TypeError:
        return  # half a surrogate pair is no key
    assert decode(cursor) == key


@BOUNDED
@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_any_text_is_a_cursor_or_a_refusal(text) -> None:
    try:
        key = decode(text)
    except BadPage:
        return
    assert decode(encode(key)) == key


@BOUNDED
@given(st.text(max_size=200) | st.binary(max_size=200))
def test_B8_any_text_is_a_document_or_unreadable(text) -> None:
    try:
        value, repeated = read(text)
    except Unreadable:
        return
    assert orjson.loads(orjson.dumps(value)) == value
    assert isinstance(repeated, list)
