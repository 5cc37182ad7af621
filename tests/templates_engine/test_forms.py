"""A whole form: fields required by a condition, edits, people and departments it names, its schema (I26, A37)."""

import orjson
import pytest
from jsonschema import Draft202012Validator

from templates_engine.fields import FIELD_TYPES
from templates_engine.forms.references import Reference, missing_references, references
from templates_engine.forms.values import changes, check_edit, json_schema
from templates_engine.language.expressions import Expressions
from templates_engine.text import localize
from tests.templates_engine.forms import APPLICANT, DAYS, ID, TICKET, field, form, found

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
    assert "Did you mean platform?" in localize(missing[2].suggestion, "en")
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
