"""Every field type: what is stored, what expressions see of it, and every limit it knows (A37)."""

import time
from datetime import UTC, datetime

import orjson
import pytest
from jsonschema import Draft202012Validator

from templates_engine.expressions import ExpressionFailed, Expressions, Facts
from templates_engine.fields import CELL_TYPES, FIELD_TYPES
from templates_engine.fields.check import check_value
from templates_engine.form_check import check_field_expressions, check_fields
from templates_engine.references import Reference, missing_references, references
from templates_engine.values import changes, check_edit, check_form, json_schema
from tests.hostile import HOSTILE, UNSTORABLE

APPLICANT = {"username": "alice", "name": "Alice", "department": "platform", "roles": ["dev"]}
TICKET = {"priority": "normal", "title": "x"}
OPTIONS = {"options": ["x", {"value": "y", "label": {"zh": "歪", "en": "Y"}}, "z"]}
TREE = {
    "options": [
        {
            "value": "east",
            "label": "East",
            "children": [{"value": "sh", "children": [{"value": "a1"}]}, {"value": "nj"}],
        },
        {"value": "west"},
    ]
}
COLUMNS = {
    "columns": [
        {"key": "name", "type": "text", "label": "N", "required": True, "max_length": 5, "pattern": "^[a-z]+$"},
        {"key": "price", "type": "money", "label": "P", "min": 1},
        {"key": "kinds", "type": "multiselect", "label": "K", **OPTIONS},
        {"key": "due", "type": "date", "label": "D"},
        {"key": "away", "type": "daterange", "label": "A", "max_days": 2},
        {"key": "owner", "type": "user", "label": "O"},
    ]
}
ID = "0123456789abcdef" * 2
NEEDED = {
    "select": OPTIONS, "radio": OPTIONS, "multiselect": OPTIONS, "checkbox": OPTIONS, "cascade": TREE, "table": COLUMNS,
}  # fmt: skip


def field(kind: str, key: str = "a", **limits):
    return {"key": key, "type": kind, "label": key, **NEEDED.get(kind, {}), **limits}


def form(fields, values, **options):
    return check_form(Expressions(fields), values, APPLICANT, TICKET, **options)


def found(findings) -> list[tuple[str, str]]:
    return [(finding.code, finding.path) for finding in findings]


def codes(kind: str, value, **limits) -> set[str]:
    return {finding.code for finding in form([field(kind, **limits)], {"a": value})[1]}


def sees(kind: str, value, source: str, **limits):
    """What an expression makes of a value of this type."""
    expressions = Expressions([field(kind, **limits)])
    assert expressions.check(source, "p") == []
    values = {} if value is None else form([field(kind, **limits)], {"a": value})[0]
    return expressions.evaluate(source, Facts(values, APPLICANT, TICKET))


@pytest.mark.parametrize(
    ("kind", "limits", "sent", "stored"),
    [
        ("money", {}, 12.30, 12.3),
        ("money", {}, 80.0, 80),
        ("money", {}, 0.29, 0.29),
        ("money", {}, 9_999_999_999_999.99 - 1, 9_999_999_999_998.99),
        ("money", {"precision": 0}, 999_999_999_999_999, 999_999_999_999_999),
        ("money", {"precision": 4, "currency": "USD"}, -0.0001, -0.0001),
        ("money", {"min": 0.01, "max": 0.03}, 0.02, 0.02),
        ("multiselect", {}, ["z", "x"], ["x", "z"]),
        ("multiselect", {"min_items": 2, "max_items": 2}, ["y", "x"], ["x", "y"]),
        ("checkbox", {}, ["y"], ["y"]),
        ("radio", {}, "y", "y"),
        ("daterange", {}, {"end": "2026-11-22", "start": "2026-11-21"}, {"start": "2026-11-21", "end": "2026-11-22"}),
        ("daterange", {"max_days": 1}, {"start": "2026-11-21", "end": "2026-11-21"}, None),
        ("user", {}, "alice", "alice"),
        ("user", {}, "Zhang.San_1@corp-x", None),
        ("users", {}, ["bob", "alice"], None),
        ("department", {}, "platform", None),
        ("attachment", {}, [ID], None),
        ("attachment", {"max_items": 50}, [f"{n:032x}" for n in range(50)], None),
        ("cascade", {}, ["east", "sh", "a1"], None),
        ("cascade", {}, ["west"], None),
        ("cascade", {"any_level": True}, ["east", "sh"], None),
        ("markdown", {}, "# A\n\n<script>alert(1)</script> [x](javascript:1)", None),
        ("table", {}, [{"name": "a", "price": 2.0, "due": None, "kinds": [], "owner": ""}],
         [{"name": "a", "price": 2}]),
        ("table", {}, [{"kinds": ["z", "x"], "name": "a"}], [{"name": "a", "kinds": ["x", "z"]}]),
        ("table", {"max_items": 500}, [{"name": "a"}] * 500, None),
    ],
)  # fmt: skip
def test_what_is_stored(kind, limits, sent, stored) -> None:
    fields = [field(kind, **limits)]
    values, findings = form(fields, {"a": sent})
    assert findings == []
    expected = sent if stored is None else stored
    assert orjson.dumps(values["a"]) == orjson.dumps(expected)
    assert form(fields, values) == (values, [])
    Draft202012Validator(json_schema(fields)).validate(values)


DAYS = {"start": "2026-11-21", "end": "2026-11-23"}


@pytest.mark.parametrize(
    ("kind", "limits", "value", "code"),
    [
        ("money", {}, 1.234, "bad_number"),
        ("money", {"precision": 0}, 1.5, "wrong_type"),
        ("money", {}, 1e-300, "bad_number"),
        ("money", {}, 1e13, "too_big"),
        ("money", {}, 10**400, "too_big"),
        ("money", {}, -(10**400), "too_small"),
        ("money", {}, float("inf"), "bad_number"),
        ("money", {}, float("nan"), "bad_number"),
        ("money", {}, "12.30", "wrong_type"),
        ("money", {}, True, "wrong_type"),
        ("money", {"min": 0.02}, 0.01, "too_small"),
        ("money", {"max": 0.02}, 0.03, "too_big"),
        ("money", {"min": -(10**15), "max": 10**15}, 10**14, "too_big"),
        ("multiselect", {}, ["x", "x"], "repeated_item"),
        ("multiselect", {}, ["q"], "not_an_option"),
        ("multiselect", {}, [["x"]], "not_an_option"),
        ("multiselect", {}, "x", "wrong_type"),
        ("multiselect", {"min_items": 2}, ["x"], "too_few_items"),
        ("multiselect", {"max_items": 1}, ["x", "y"], "too_many_items"),
        ("checkbox", {}, {"x": True}, "wrong_type"),
        ("checkbox", {"max_items": 1}, ["x", "y"], "too_many_items"),
        ("radio", {}, "q", "not_an_option"),
        ("radio", {}, ["x"], "not_an_option"),
        ("daterange", {}, {"start": "2026-11-21", "end": "2026-11-20"}, "ends_before_start"),
        ("daterange", {"max_days": 2}, DAYS, "too_many_days"),
        ("daterange", {}, {"start": "2026-11-21"}, "required"),
        ("daterange", {}, {"start": "2026-11-21", "end": ""}, "bad_date"),
        ("daterange", {}, DAYS | {"__proto__": 1}, "unknown_form_key"),
        ("daterange", {}, {"start": "9999-01-01", "end": "9999-01-02"}, "bad_date"),
        ("daterange", {}, {"start": 1, "end": 2}, "wrong_type"),
        ("daterange", {}, ["2026-11-21", "2026-11-22"], "wrong_type"),
        ("user", {}, "a b", "bad_pattern"),
        ("user", {}, "alice\n", "bad_pattern"),
        ("user", {}, "a" * 65, "too_long"),
        ("user", {}, {"username": "alice"}, "wrong_type"),
        ("user", {}, 5, "wrong_type"),
        ("users", {}, ["alice", "alice"], "repeated_item"),
        ("users", {}, ["аlice"], "bad_pattern"),
        ("users", {}, "alice", "wrong_type"),
        ("users", {"min_items": 2}, ["alice"], "too_few_items"),
        ("users", {}, [f"u{n}" for n in range(201)], "too_many_items"),
        ("department", {}, "Platform", "bad_pattern"),
        ("department", {}, ["platform"], "wrong_type"),
        ("attachment", {}, [ID.upper()], "bad_pattern"),
        ("attachment", {}, [ID + "\n"], "bad_pattern"),
        ("attachment", {}, ["../../etc/passwd"], "bad_pattern"),
        ("attachment", {}, [{"id": ID}], "wrong_type"),
        ("attachment", {}, [ID, ID], "repeated_item"),
        ("attachment", {}, [f"{n:032x}" for n in range(11)], "too_many_items"),
        ("attachment", {"min_items": 2}, [ID], "too_few_items"),
        ("cascade", {}, ["east"], "not_an_option"),
        ("cascade", {}, ["sh"], "not_an_option"),
        ("cascade", {}, ["east", "sh", "a1", "b"], "not_an_option"),
        ("cascade", {"any_level": True}, ["east", "a1"], "not_an_option"),
        ("cascade", {}, "west", "wrong_type"),
        ("cascade", {}, ["east"] * 7, "too_many_items"),
        ("markdown", {}, "a\x00b", "control_characters"),
        ("markdown", {"max_length": 2}, "abc", "too_long"),
        ("markdown", {"min_length": 2}, "a", "too_short"),
        ("table", {}, [{"name": "a"}] * 201, "too_many_items"),
        ("table", {"min_items": 2}, [{"name": "a"}], "too_few_items"),
        ("table", {}, {"name": "a"}, "wrong_type"),
        ("table", {}, ["a"], "wrong_type"),
        ("table", {}, [[{"name": "a"}]], "wrong_type"),
    ],
)  # fmt: skip
def test_A37_what_is_refused(kind, limits, value, code) -> None:
    _values, findings = form([field(kind, **limits)], {"a": value})
    assert code in {finding.code for finding in findings}
    for finding in findings:
        assert finding.path.startswith("form.a")
        assert finding.render()["message"].encode()


def test_a_finding_in_a_table_names_its_cell() -> None:
    rows = [
        {"name": "ok"},
        {"price": 0.5, "name": "toolong"},
        {"name": "UP", "price": 1.005},
        {"name": "a\nb", "due": "2026-02-30", "away": DAYS},
        {"name": "", "__proto__": {}},
    ]
    _values, findings = form([field("table")], {"a": rows})
    assert set(found(findings)) == {
        ("too_long", "form.a[1].name"), ("too_small", "form.a[1].price"),
        ("control_characters", "form.a[3].name"), ("bad_date", "form.a[3].due"),
        ("required", "form.a[4].name"), ("unknown_form_key", "form.a[4].__proto__"),
    }  # fmt: skip
    _values, findings = form([field("table")], {"a": [{"name": "UP", "price": 1.005, "away": DAYS}]})
    assert set(found(findings)) == {
        ("bad_pattern", "form.a[0].name"), ("bad_number", "form.a[0].price"), ("too_many_days", "form.a[0].away.end"),
    }  # fmt: skip


def test_A37_a_table_of_nothing_but_mistakes_is_bounded() -> None:
    started = time.monotonic()
    rows = [{f"k{n}": "x" for n in range(200)} for _ in range(200)]
    _values, findings = form([field("table")], {"a": rows})
    assert 20 <= len(findings) <= 50
    assert codes("table", [{"name": "a"}] * 1_000_000) == {"too_many_items"}
    assert codes("table", [{"name": ["x"] * 100_000}]) == {"too_many_parts"}
    deep: list = []
    for _ in range(900):
        deep = [deep, 1]
    assert codes("table", deep) == {"too_many_parts"}
    assert codes("cascade", [deep]) == {"too_many_parts"}
    assert codes("text", 10**5000) == {"bad_number"}
    assert time.monotonic() - started < 3


def test_a_full_table_is_judged_quickly() -> None:
    columns = [{"key": f"c{n}", "type": "text", "label": "C"} for n in range(30)]
    rows = [{f"c{n}": "value" for n in range(30)} for _ in range(200)]
    started = time.monotonic()
    _values, findings = form([field("table", columns=columns)], {"a": rows})
    assert findings == []
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("kind", FIELD_TYPES)
def test_A37_every_hostile_text_is_taken_as_it_is_or_refused(kind) -> None:
    for name, text in {**HOSTILE, **UNSTORABLE}.items():
        for value in (text, [text], {text: text}, [{text: text}], [{"name": text}], {"start": text, "end": text}):
            values, findings = form([field(kind)], {"a": value})
            if name in UNSTORABLE:
                assert findings
            if not findings:
                assert values["a"] == value
            for finding in findings:
                orjson.dumps(finding.render())


@pytest.mark.parametrize(
    ("kind", "limits", "value", "source", "seen"),
    [
        ("money", {}, 80, "form.a * 2.0", 160.0),
        ("money", {}, 12.3, "form.a > 12.2", True),
        ("number", {"precision": 1}, 3, "form.a * 2.0", 6.0),
        ("number", {}, 3, "form.a * 2", 6),
        ("multiselect", {}, ["z", "x"], "form.a", ["x", "z"]),
        ("multiselect", {}, None, "size(form.a)", 0),
        ("checkbox", {}, ["y"], "'y' in form.a", True),
        ("radio", {}, "y", "form.a == 'y'", True),
        ("radio", {}, None, "form.a", ""),
        ("daterange", {}, DAYS, "form.a.end - form.a.start == duration('48h')", True),
        ("daterange", {}, DAYS, "form.a.start", datetime(2026, 11, 20, 16, tzinfo=UTC)),
        ("daterange", {}, None, "'a' in filled && form.a.start > timestamp('2026-01-01T00:00:00Z')", False),
        ("user", {}, "bob", "form.a + '!'", "bob!"),
        ("user", {}, None, "form.a", ""),
        ("users", {}, ["bob", "alice"], "form.a", ["bob", "alice"]),
        ("department", {}, "dba", "form.a == 'dba'", True),
        ("attachment", {}, [ID], "size(form.a)", 1),
        ("cascade", {}, ["east", "sh", "a1"], "form.a[1]", "sh"),
        ("cascade", {}, ["west"], "size(form.a) > 1 && form.a[1] == 'sh'", False),
        ("markdown", {}, "# A", "form.a.startsWith('#')", True),
        ("table", {}, [{"name": "a", "price": 80}], "form.a.exists(r, r.price * 2.0 > 100.0)", True),
        ("table", {}, [{"name": "a"}, {"name": "b", "price": 2}],
         "form.a.filter(r, has(r.price)).map(r, r.name)", ["b"]),
        ("table", {}, [{"name": "a"}], "form.a.all(r, r.owner == '' && size(r.kinds) == 0)", True),
        ("table", {}, [{"name": "a", "due": "2026-11-21"}],
         "form.a.all(r, timestamp(r.due) == timestamp('2026-11-20T16:00:00Z'))", True),
        ("table", {}, [{"name": "a", "away": {"start": "2026-11-21", "end": "2026-11-22"}}],
         "form.a.all(r, timestamp(r.away.end) > timestamp(r.away.start))", True),
        ("table", {}, None, "size(form.a)", 0),
    ],
)  # fmt: skip
def test_what_expressions_see(kind, limits, value, source, seen) -> None:
    result = sees(kind, value, source, **limits)
    assert (result, type(result)) == (seen, type(seen))


@pytest.mark.parametrize(
    ("kind", "source", "code"),
    [
        ("daterange", "form.a.strat > form.a.end", "unknown_field"),
        ("daterange", "form . a . strat > form.a.end", "unknown_field"),
        ("daterange", "form.a > form.a", "bad_expression"),
        ("user", "size(form.a) > 1 && form.a[0] == 'x'", "bad_expression"),
        ("money", "form.a > '3'", "bad_expression"),
        ("users", "form.a == 'x'", "bad_expression"),
        ("table", "form.a == 'x'", "bad_expression"),
    ],
)
def test_types_are_held_when_checked(kind, source, code) -> None:
    assert [finding.code for finding in Expressions([field(kind)]).check(source, "p")] == [code]


@pytest.mark.parametrize("kind", ["number", "money", "date", "datetime", "daterange"])
def test_what_does_not_exist_when_empty_needs_a_guard(kind) -> None:
    expressions = Expressions([field(kind)])
    assert [finding.code for finding in expressions.unguarded("form.a == form.a", "p")] == ["unguarded_field"]
    with pytest.raises(ExpressionFailed):
        expressions.evaluate("form.a == form.a", Facts({}, APPLICANT, TICKET))


LIMITS: dict[str, dict] = {
    "text": {"min_length": 1, "max_length": 5, "pattern": "^a"},
    "textarea": {"min_length": 1, "max_length": 100_000, "pattern": "a"},
    "markdown": {"min_length": 1, "max_length": 5, "pattern": "^a"},
    "number": {"min": -1.5, "max": 10**15, "precision": 6, "unit": "GB"},
    "money": {"min": 0, "max": 0.5, "precision": 0, "currency": "EUR"},
    "select": {"options": ["a"]}, "radio": {"options": ["a", {"value": "b", "label": "B"}]},
    "multiselect": {"options": ["a"], "min_items": 1, "max_items": 500},
    "checkbox": {"options": ["a"], "min_items": 1, "max_items": 1},
    "switch": {}, "date": {}, "datetime": {},
    "daterange": {"max_days": 30},
    "user": {}, "department": {},
    "users": {"min_items": 1, "max_items": 200},
    "hosts": {"min_items": 1, "max_items": 1000},
    "attachment": {"min_items": 1, "max_items": 50, "max_size_mb": 20, "accept": ["pdf", "png", "tar.gz"]},
    "table": {**COLUMNS, "min_items": 1, "max_items": 500},
    "cascade": {**TREE, "levels": ["Region", {"zh": "城市", "en": "City"}], "any_level": True},
}  # fmt: skip
COMMON = {
    "help": "H\nH", "placeholder": "P", "required": True, "visible_when": "true", "required_when": "false",
    "readonly_at": ["x"], "editable_at": ["x", "y"], "hidden_at": ["z"],
}  # fmt: skip


@pytest.mark.parametrize("kind", FIELD_TYPES)
def test_every_limit_is_known_and_only_these(kind) -> None:
    assert set(LIMITS[kind]) == set(FIELD_TYPES[kind].limits)
    whole = {"key": "a", "type": kind, "label": "A", **COMMON, **LIMITS[kind]}
    assert list(check_fields([whole])) == []
    for key in FIELD_TYPES[kind].required_limits:
        missing = {name: value for name, value in whole.items() if name != key}
        assert found(check_fields([missing])) == [("missing_key", f"form[0].{key}")]
    for key in LIMITS[kind]:
        text, number = "(" if key == "pattern" else "\n", 1 if key == "any_level" else True
        for wrong in (None, [[]], {"a": {}}, -(10**16), text, number):
            assert list(check_fields([whole | {key: wrong}])), (key, wrong)
    assert found(check_fields([whole | {"colour": 1}])) == [("unknown_key", "form[0].colour")]
    for low, high in (("min", "max"), ("min_length", "max_length"), ("min_items", "max_items")):
        if low in LIMITS[kind] and kind != "checkbox":
            crossed = whole | {low: 5, high: 4}
            assert ("out_of_range", f"form[0].{high}") in found(check_fields([crossed]))
    Draft202012Validator.check_schema(json_schema([whole]))


@pytest.mark.parametrize(
    ("wrong", "code", "path"),
    [
        ({"type": "table", "columns": []}, "out_of_range", "columns"),
        ({"type": "table", "columns": [{"key": "x", "type": "table", "label": "X", "columns": []}]}, "wrong_value",
         "columns[0].type"),
        ({"type": "table", "columns": [{"key": "x", "type": "markdown", "label": "X"}]}, "wrong_value",
         "columns[0].type"),
        ({"type": "table", "columns": [{"key": "x", "type": "text", "label": "X", "visible_when": "true"}]},
         "unknown_key", "columns[0].visible_when"),
        ({"type": "table", "columns": [{"key": "x", "type": "text", "label": "X"}] * 2}, "duplicate_field",
         "columns[1].key"),
        ({"type": "table", "columns": [{"key": "x", "type": "number", "label": "X", "min": 2, "max": 1}]},
         "out_of_range", "columns[0].max"),
        ({"type": "table", "columns": [{"key": "x", "type": "number", "label": "X", "default": "a"}]},
         "bad_default", "columns[0].default"),
        ({"type": "table", "columns": [{"key": "x", "type": "select", "label": "X"}]}, "missing_key",
         "columns[0].options"),
        ({"type": "attachment", "default": [ID]}, "unknown_key", "default"),
        ({"type": "attachment", "accept": [".PDF"]}, "bad_format", "accept[0]"),
        ({"type": "money", "currency": "yuan"}, "bad_format", "currency"),
        ({"type": "money", "default": 1.005}, "bad_default", "default"),
        ({"type": "daterange", "default": {"start": "2026-11-21", "end": "2026-11-20"}}, "bad_default", "default"),
        ({"type": "cascade", "options": [{"value": "a", "children": []}]}, "out_of_range", "options[0].children"),
        ({"type": "cascade", "options": [{"value": f"o{n}", "children": [{"value": f"i{m}"} for m in range(50)]}
                                         for n in range(50)]}, "too_many_options", "options"),
        ({"type": "text", "default": {"expression": "form.", "more": 1}}, "bad_default", "default"),
    ],
)  # fmt: skip
def test_what_a_template_may_not_say(wrong, code, path) -> None:
    assert (code, f"form[0].{path}") in found(check_fields([{"key": "a", "label": "A", **wrong}]))


def test_column_types_are_the_simple_ones() -> None:
    assert set(FIELD_TYPES) - set(CELL_TYPES) == {"attachment", "table", "cascade", "markdown"}
    assert all(key == kind.name for key, kind in FIELD_TYPES.items())


# --- conditions -----------------------------------------------------------------------------------------------------

CONDITIONED = [field("number", "n"), field("text", "why", required_when="'n' in filled && form.n > 3")]


def test_required_when() -> None:
    assert form(CONDITIONED, {"n": 3}) == ({"n": 3}, [])
    assert found(form(CONDITIONED, {"n": 4})[1]) == [("required", "form.why")]
    assert form(CONDITIONED, {"n": 4, "why": "x"})[1] == []
    assert form(CONDITIONED, {"n": 4}, complete=False)[1] == []


def test_I26_a_condition_that_fails_requires() -> None:
    fields = [field("hosts", "h"), field("text", "why", required_when="form.h[3] == 'x'")]
    assert found(form(fields, {"h": ["a"]})[1]) == [("required", "form.why")]


def test_a_hidden_field_is_never_required() -> None:
    fields = [field("switch", "s"), field("text", visible_when="form.s", required_when="true")]
    assert form(fields, {}) == ({}, [])
    assert found(form(fields, {"s": True})[1]) == [("required", "form.a")]


# --- defaults that are expressions ----------------------------------------------------------------------------------


def default(source: str) -> dict:
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


# --- editing --------------------------------------------------------------------------------------------------------

EDITED = [
    field("switch", "s"),
    field("text", "why", visible_when="form.s", required=True),
    field("number", "n", default=7),
    field("number", "m", visible_when="!form.s", default=9),
]
BEFORE = {"s": True, "why": "x", "n": 1}


def edit(before, given, allowed):
    return check_edit(Expressions(EDITED), before, given, allowed, APPLICANT, TICKET)


def test_A37_locked_fields_stay_as_they_were() -> None:
    locked = {"before": BEFORE, "locked": ["why", "n"]}
    assert form(EDITED, {"s": True}, **locked) == (BEFORE, [])
    assert form(EDITED, BEFORE, **locked) == (BEFORE, [])
    assert found(form(EDITED, {"s": True, "n": 2}, **locked)[1]) == [("not_editable", "form.n")]
    assert ("not_editable", "form.why") in found(form(EDITED, {"s": True, "why": ""}, **locked)[1])
    without = {"before": {"s": True, "why": "x"}, "locked": ["n"]}
    assert "n" not in form(EDITED, {"s": True, "why": "x"}, **without)[0]


def test_A37_only_allowed_fields_can_be_edited() -> None:
    assert edit(BEFORE, {"n": 2}, {"n"}) == (BEFORE | {"n": 2}, [])
    assert edit(BEFORE, {"n": 1, "why": "x"}, set()) == (BEFORE, [])
    assert edit(BEFORE, {}, {"n"}) == (BEFORE, [])
    assert found(edit(BEFORE, {"n": 2}, {"s"})[1]) == [("not_editable", "form.n")]
    assert found(edit(BEFORE, {"n": None}, {"s"})[1]) == [("not_editable", "form.n")]
    assert found(edit(BEFORE, {"q": 2}, {"q"})[1]) == [("unknown_form_key", "form.q")]
    assert found(edit(BEFORE, {"n": "x"}, {"n"})[1]) == [("wrong_type", "form.n")]
    assert found(edit(BEFORE, {"m": 2}, {"m"})[1]) == [("not_visible", "form.m")]
    assert found(edit(BEFORE, {"why": ""}, {"why"})[1]) == [("required", "form.why")]
    assert found(edit(BEFORE, [], {"n"})[1]) == [("wrong_type", "form")]
    assert ("not_editable", "form.n") in found(edit(BEFORE, {"n": True}, set())[1])


def test_an_edit_may_show_and_hide_others() -> None:
    assert edit(BEFORE, {"s": False}, {"s"}) == ({"s": False, "n": 1, "m": 9}, [])
    assert found(edit({"s": False, "m": 9}, {"s": True}, {"s"})[1]) == [("required", "form.why")]
    assert "n" not in edit({"s": True, "why": "x"}, {"why": "y"}, {"why"})[0]


def test_changes_are_told_in_the_forms_order() -> None:
    after = {"s": False, "n": 1, "m": 9}
    assert changes(EDITED, BEFORE, after) == [
        {"field": "s", "before": True, "after": False},
        {"field": "why", "before": "x", "after": None},
        {"field": "m", "before": None, "after": 9},
    ]
    assert changes(EDITED, BEFORE, dict(reversed(BEFORE.items()))) == []
    assert changes([field("number", "n")], {"n": 1}, {"n": True}) != []


# --- references -----------------------------------------------------------------------------------------------------

NAMING = [
    field("user", "u"), field("users", "us"), field("department", "d"), field("attachment", "f"), field("table", "t"),
    field("text", "x"),
]  # fmt: skip


def test_references_are_found_in_rows_too() -> None:
    values = {
        "u": "bob", "us": ["alice", "nobody"], "d": "dba", "f": [ID], "x": "bob",
        "t": [{"name": "a"}, {"owner": "dave"}],
    }  # fmt: skip
    assert references(NAMING, values) == [
        Reference("user", "bob", "form.u"),
        Reference("user", "alice", "form.us[0]"),
        Reference("user", "nobody", "form.us[1]"),
        Reference("department", "dba", "form.d"),
        Reference("attachment", ID, "form.f[0]"),
        Reference("user", "dave", "form.t[1].owner"),
    ]
    assert references(NAMING, {}) == []


@pytest.mark.usefixtures("world")
def test_A37_people_and_departments_exist(django_assert_num_queries) -> None:
    from accounts.models import User

    User.objects.filter(username="heidi").update(is_active=False)
    values = {"u": "bob", "us": ["alice", "nobody", "heidi"], "d": "platfrom", "t": [{"owner": "mallory"}], "f": [ID]}
    with django_assert_num_queries(2):
        missing = missing_references(references(NAMING, values))
    assert found(missing) == [
        ("unknown_user", "form.us[1]"), ("unknown_user", "form.us[2]"),
        ("unknown_department", "form.d"), ("unknown_user", "form.t[0].owner"),
    ]  # fmt: skip
    assert "Did you mean platform?" in missing[2].suggestion["en"]
    with django_assert_num_queries(0):
        assert missing_references([]) == []
        assert missing_references(references(NAMING, values), standing=references(NAMING, values)) == []


# --- the whole form as one schema -----------------------------------------------------------------------------------


def test_the_compiled_schema_says_what_the_server_says() -> None:
    fields = [field(kind, kind) for kind in FIELD_TYPES] + [field("text", "must", required=True)]
    schema = orjson.loads(orjson.dumps(json_schema(fields)))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    good = {
        "must": "x",
        "money": 1.5,
        "daterange": DAYS,
        "table": [{"name": "ab"}],
        "cascade": ["west"],
        "users": ["bob"],
    }
    assert form(fields, good)[1] == []
    assert list(validator.iter_errors(good)) == []
    for wrong in (
        {},
        {"must": 1},
        {"must": "x", "q": 1},
        {"must": "x", "table": [{}]},
        {"must": "x", "cascade": ["east"]},
    ):
        assert form(fields, wrong)[1]
        assert list(validator.iter_errors(wrong))


def test_a_value_is_judged_alone_as_well() -> None:
    assert [f.code for f in check_value(field("user"), "a b", "form.a")] == ["bad_pattern"]
