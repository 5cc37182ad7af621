"""Every field type: stored value, value in expressions, and what is refused (A37)."""

from datetime import UTC, datetime

import orjson
import pytest
from jsonschema import Draft202012Validator

from templates_engine.fields import FIELD_TYPES
from templates_engine.fields.check import check_value
from templates_engine.forms.values import json_schema
from templates_engine.language.expressions import ExpressionFailed, Expressions, Facts
from tests.hostile import HOSTILE, UNSTORABLE
from tests.templates_engine.forms import APPLICANT, DAYS, ID, TICKET, field, form, found
from tests.within import within


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
    with within(3):
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


def test_a_full_table_is_judged_quickly() -> None:
    columns = [{"key": f"c{n}", "type": "text", "label": "C"} for n in range(30)]
    rows = [{f"c{n}": "value" for n in range(30)} for _ in range(200)]
    with within(2):
        _values, findings = form([field("table", columns=columns)], {"a": rows})
        assert findings == []


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


def test_a_value_is_judged_alone_as_well() -> None:
    assert [f.code for f in check_value(field("user"), "a b", "form.a")] == ["bad_pattern"]
