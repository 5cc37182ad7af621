"""Expressions that can never evaluate or match are refused by the check, in every place for an expression."""

from typing import Any

import pytest

from templates_engine.store import commands
from templates_engine.text import localize
from tests.factories import approval, document, template

pytestmark = pytest.mark.usefixtures("world")

COLUMNS = [
    {"key": "size", "type": "select", "label": "S", "options": ["s", "m"], "required": True},
    {"key": "tags", "type": "multiselect", "label": "T", "options": ["x", "y"]},
    {"key": "at", "type": "datetime", "label": "A", "required": True},
]
FORM: list[dict[str, Any]] = [
    {"key": "kind", "type": "select", "label": "K", "required": True,
     "options": ["buy", {"value": "rent", "label": {"zh": "租赁", "en": "Hire"}}]},
    {"key": "level", "type": "radio", "label": "L", "options": ["1", "2"]},
    {"key": "tags", "type": "checkbox", "label": "T", "options": ["x", "y"]},
    {"key": "site", "type": "cascade", "label": "C", "options": [{"value": "east", "children": ["shanghai"]}]},
    {"key": "team", "type": "department", "label": "D"},
    {"key": "owner", "type": "user", "label": "O"},
    {"key": "note", "type": "text", "label": "N"},
    {"key": "n", "type": "number", "label": "Z", "required": True},
    {"key": "at", "type": "datetime", "label": "A", "required": True},
    {"key": "day", "type": "date", "label": "Y", "required": True},
    {"key": "rows", "type": "table", "label": "R", "columns": COLUMNS},
    {"key": "hosts", "type": "hosts", "label": "H", "required": True},
]  # fmt: skip
BOSS = approval("boss", {"manager": 1})


def found(chain, form=None) -> list:
    checked = commands.check(document(chain, form or FORM))
    return [*checked.errors, *(one for one in checked.warnings if one.code == "unknown_person")]


def when(source: str) -> list:
    """What is said of this condition of a branch, that a case is never taken aside."""
    chain = [
        {"node": "b", "type": "branch", "cases": [{"when": source, "chain": []}, {"otherwise": True, "chain": []}]},
        BOSS,
    ]
    return [one for one in found(chain) if one.code != "unreachable_case"]


@pytest.mark.parametrize(
    ("source", "write"),
    [
        ("form.at - form.day > duration('3d')", "duration('72h')"),
        ("form.at - form.day > duration('1.5 days')", "duration('36h')"),
        ("form.at - form.day > duration('2w')", "duration('336h')"),
        ("form.at - form.day > duration('1小时')", "duration('72h')"),
        ("form.at > timestamp('2026-12-01')", "date('2026-12-01')"),
        ("form.at > timestamp('2026-12-01T09:00')", "timestamp('2026-12-01T09:00:00+08:00')"),
        ("form.at > timestamp('2026-12-01 09:00:00')", "timestamp('2026-12-01T09:00:00+08:00')"),
        ("form.at > timestamp('tomorrow')", "timestamp('2026-12-01T09:00:00+08:00')"),
        ("form.day > date('2026-13-01')", "date('2026-12-01')"),
        ("form.day > date('1999-01-01')", "date('2026-12-01')"),
        ("form.n > int('3.5')", "3"),
        ("form.n > double('three')", "1.5"),
        ("form.note.matches('(')", "RE2"),
        ("form.note.matches('a(?=b)')", "RE2"),
        ("form.at.getHours('Asia/Nowhere') > 3", "Asia/Shanghai"),
        ("form.at.getHours('CST+8') > 3", "+08:00"),
        ("form.n / 0 > 3", "Divide"),
        ("form.n % 0 > 3", "Divide"),
        (
            "form.note == '' || form.at > timestamp('2026-12-01')",
            "date('2026-12-01')",
        ),  # forgiven, where the other is true
        ("form.rows.exists(r, r.at > timestamp('2026-12-01'))", "date('2026-12-01')"),
    ],
)
def test_a_call_that_always_fails_is_refused(source, write) -> None:
    (finding,) = when(source)
    assert (finding.code, finding.path) == ("bad_expression", "chain[0].cases[0].when")
    assert write in localize(finding.suggestion, "en")
    assert localize(finding.suggestion, "zh")


@pytest.mark.parametrize(
    "source",
    [
        "form.at - form.day > duration('72h')",
        "form.at - form.day > duration('1h30m') && duration('0.5s') < duration('-2m') || true",
        "form.at > timestamp('2026-12-01T09:00:00+08:00')",
        "form.at > timestamp('2026-12-01T01:00:00.5Z')",
        "form.day > date('2026-12-01')",
        "form.n > int('3') && form.n > int(3.7) && double('1e3') > 1.0",
        "form.note.matches('^a(b|c)+$')",
        "form.at.getHours('Asia/Shanghai') > 3 && form.at.getHours('-02:30') > 3",
        "duration(form.note) > duration('1h') && timestamp(form.note) > form.at",
        "form.n / 2 > 3",
    ],
)
def test_what_may_succeed_is_not(source) -> None:
    assert when(source) == []


@pytest.mark.parametrize(
    ("source", "value", "write"),
    [
        ("form.kind == 'bye'", "bye", "buy"),
        ("form.kind != 'bye'", "bye", "buy"),
        ("'bye' == form.kind", "bye", "buy"),
        ("form.kind == '租赁'", "租赁", "'rent'"),
        ("form.kind == 'Hire'", "Hire", "'rent'"),
        ("form.kind in ['buy', 'lend']", "lend", "rent"),
        ("!(form.kind in ['lend'])", "lend", "rent"),
        ("form.level == '3'", "3", "1"),
        ("'z' in form.tags", "z", "x"),
        ("form.tags == ['z']", "z", "x"),
        ("form.tags.exists(t, t == 'z')", "z", "x"),
        ("size(form.tags) > 0 && form.tags[0] == 'z'", "z", "x"),
        ("'west' in form.site", "west", "east"),
        ("form.team == '平台组'", "平台组", "'platform'"),
        ("form.team == 'plattform'", "plattform", "platform"),
        ("applicant.department == '平台组'", "平台组", "'platform'"),
        ("applicant.department in ['platform', 'nowhere']", "nowhere", "platform"),
        ("'dbas' in applicant.roles", "dbas", "dba"),
        ("applicant.roles.exists(r, r == 'dbas')", "dbas", "dba"),
        ("ticket.priority == 'hight'", "hight", "high"),
        ("ticket.priority in ['urgent', '紧急']", "紧急", "urgent"),
        ("(has(form.note) ? form.kind : form.kind) == 'bye'", "bye", "buy"),
        ("form.kind == (has(form.note) ? 'buy' : 'bye')", "bye", "buy"),
        ("form.rows.exists(r, r.size == 'l')", "l", "s"),
        ("form.rows.exists(r, 'z' in r.tags)", "z", "x"),
        ("size(form.rows) > 0 && form.rows[0].size == 'l'", "l", "s"),
        ("form.kind == 'bye' || form.n > 1", "bye", "buy"),
    ],
)
def test_a_value_that_cannot_occur_is_refused(source, value, write) -> None:
    (finding,) = when(source)
    assert (finding.code, finding.path) == ("impossible_value", "chain[0].cases[0].when")
    assert value in finding.message["zh"]
    assert write in localize(finding.suggestion, "en")


@pytest.mark.parametrize(
    "source",
    [
        "form.kind == 'buy'",
        "form.level == ''",
        "'x' in form.tags || form.tags == []",
        "'shanghai' in form.site",
        "form.team == 'platform' || form.team == ''",
        "'dba' in applicant.roles",
        "ticket.priority in ['high', 'urgent']",
        "form.note == 'anything'",
        "form.rows.exists(r, r.size == 's' && 'x' in r.tags)",
        "applicant.name == 'Somebody'",
        "'kind' in filled",
        "form.kind + 's' == 'rents'",
    ],
)
def test_a_value_that_can_occur_is_not(source) -> None:
    assert when(source) == []


@pytest.mark.parametrize(
    ("source", "write"),
    [
        ("ticket.priority > 'normal'", "ticket.priority in ['high', 'urgent']"),
        ("ticket.priority >= 'high'", "ticket.priority in ['high', 'urgent']"),
        ("'high' <= ticket.priority", "ticket.priority in ['high', 'urgent']"),
        ("ticket.priority < 'high'", "ticket.priority in ['low', 'normal']"),
        ("form.kind > 'buy'", "form.kind in ["),
        ("form.level >= '2'", "form.level in ["),
        ("form.rows.exists(r, r.size > 's')", "r.size in ["),
        ("form.team < 'platform'", "form.team in ["),
    ],
)
def test_what_has_no_order_is_not_put_in_one(source, write) -> None:
    (finding,) = when(source)
    assert finding.code == "no_order"
    assert write in localize(finding.suggestion, "en")
    assert write in localize(finding.suggestion, "zh")


@pytest.mark.parametrize(
    "source", ["form.owner == 'zed'", "applicant.username in ['alice', 'zed']", "form.owner != 'zed'"]
)
def test_a_person_who_is_not_there_is_only_warned_of(source) -> None:
    """Whoever is named may join tomorrow; and what else is wrong is still said."""
    (finding,) = when(source)
    assert (finding.code, finding.is_warning) == ("unknown_person", True)
    assert [one.code for one in when(f"({source}) && form.note")] == ["bad_expression"]
    assert {one.code for one in when(f"({source}) ? form.n : form.n")} == {"unknown_person", "not_a_condition"}


RUN = {"node": "run", "type": "automation", "action": "service.restart", "params": {"service": "'nginx'"}}
PLACES = [
    ("form[2].visible_when", {"visible_when": "{}"}, []),
    ("form[2].required_when", {"required_when": "{}"}, []),
    ("chain[0].approvers[0].expression", {}, [approval("a", {"expression": "{} ? ['bob'] : ['carol']"})]),
    ("chain[1].until", {}, [BOSS, {"node": "w", "type": "wait", "until": "{} ? form.at : form.day"}]),
    ("chain[1].at", {}, [BOSS, {**RUN, "targets": "form.hosts", "at": "{} ? form.at : form.day"}]),
    ("chain[1].targets", {}, [BOSS, {**RUN, "targets": "{} ? form.hosts : ['web-1']"}]),
    ("chain[1].body.x", {}, [BOSS, {"node": "w", "type": "webhook", "url": "https://a.example", "body": {"x": "{}"}}]),
    ("chain[1].title", {}, [BOSS, {"node": "s", "type": "subticket", "template": "child", "title": "{} ? 'a' : 'b'",
                                   "form": {"kind": "'buy'"}}]),
    ("chain[1].for_each", {}, [BOSS, {"node": "s", "type": "subticket", "template": "child",
                                      "for_each": "{} ? ['a'] : ['b']", "form": {"kind": "'buy'"}}]),
    ("chain[1].form.kind", {}, [BOSS, {"node": "s", "type": "subticket", "template": "child",
                                       "form": {"kind": "{} ? 'buy' : 'rent'"}}]),
]  # fmt: skip


def filled_in(value, source):
    if isinstance(value, dict):
        return {key: filled_in(inner, source) for key, inner in value.items()}
    if isinstance(value, list):
        return [filled_in(inner, source) for inner in value]
    return value.replace("{}", source) if isinstance(value, str) else value


@pytest.mark.parametrize(("path", "on_field", "chain"), PLACES, ids=[place[0] for place in PLACES])
@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("form.kind == 'bye'", "impossible_value"),
        ("applicant.department == '平台组'", "impossible_value"),
        ("ticket.priority > 'low'", "no_order"),
        ("form.at > timestamp('2026-12-01')", "bad_expression"),
    ],
)
def test_every_place_for_an_expression_is_looked_at(path, on_field, chain, source, code) -> None:
    template([BOSS], [FORM[0]], key="child")
    form = [{**one, **filled_in(on_field, source)} if one["key"] == "tags" else one for one in FORM]
    assert [(one.code, one.path) for one in found(filled_in(chain, source) or [BOSS], form)] == [(code, path)]


def test_what_an_expression_answers_must_be_possible_too() -> None:
    template([BOSS], [FORM[0], FORM[4]], key="child")
    given = {"kind": "has(form.note) ? 'buy' : 'bye'", "team": "'平台组'"}
    opened = {"node": "s", "type": "subticket", "template": "child", "form": given}
    said = found([approval("a", {"role": "dba", "of": "'平台组'"}), opened])
    assert [(one.code, one.path) for one in said] == [
        ("impossible_value", "chain[0].approvers[0].of"),
        ("impossible_value", "chain[1].form.kind"),
        ("impossible_value", "chain[1].form.team"),
    ]
    form = [
        {**one, "default": {"expression": "has(form.note) ? 'x' : '1'"}} if one["key"] == "level" else one
        for one in FORM
    ]
    form.insert(0, form.pop(6))
    assert [(one.code, one.path) for one in found([BOSS], form)] == [("impossible_value", "form[2].default.expression")]


@pytest.mark.parametrize(
    ("source", "write"),
    [
        ("form.at.getDayOfWeek() == 7", "Sunday is 0"),
        ("form.at.getDayOfWeek() in [6, 7]", "Sunday is 0"),
        ("form.at.getDayOfWeek() > 6", "Sunday is 0"),
        ("form.at.getHours() >= 24", "from 0 to 23"),
        ("24 == form.at.getHours()", "from 0 to 23"),
        ("24 <= form.at.getHours()", "from 0 to 23"),
        ("form.at.getHours('Asia/Shanghai') < 0", "from 0 to 23"),
        ("form.at.getMonth() == 12", "January is 0"),
        ("form.at.getDate() == 0", "from 1 to 31"),
        ("form.at.getDate() == 32", "from 1 to 31"),
        ("form.day.getHours() >= 8", "datetime"),
    ],
)
def test_parts_of_a_time_go_no_further_than_clocks_and_calendars(source, write) -> None:
    (finding,) = when(source)
    assert finding.code == "impossible_value"
    assert write in localize(finding.suggestion, "en")
    assert localize(finding.suggestion, "zh") != localize(finding.suggestion, "en")


@pytest.mark.parametrize(
    "source",
    [
        "form.at.getHours() >= 18 && form.at.getHours() < 24",
        "form.at.getDayOfWeek() in [0, 6]",
        "form.at.getDate() >= 28 || form.at.getMonth() == 11",
        "(form.at - form.day).getHours() > 72",
        "(form.at - form.day).getMinutes() == 90",
        "form.at.getFullYear() == 2027",
    ],
)
def test_parts_of_a_time_that_there_are_pass(source) -> None:
    assert when(source) == []


@pytest.mark.parametrize(
    ("source", "title", "write"),
    [
        ("form.tags", "item == 'z' ? 'a' : 'b'", "There are: x, y."),
        ("form.tags", "item in ['x', 'z'] ? 'a' : 'b'", "There are: x, y."),
        ("form.tags", "item > 'x' ? 'a' : 'b'", "item in ['…', '…']"),
        ("form.rows[0].tags", "item == 'z' ? 'a' : 'b'", "There are: x, y."),
    ],
)
def test_an_element_of_closed_values_is_one_of_them(source, title, write) -> None:
    template([approval("boss", {"manager": 1})], key="child")
    each = {"node": "each", "type": "subticket", "template": "child", "for_each": source, "title": title}
    (finding,) = [one for one in found([BOSS, each]) if one.path.endswith(".title")]
    assert write in localize(finding.suggestion, "en")


def test_an_element_that_there_is_passes() -> None:
    template([approval("boss", {"manager": 1})], key="child")
    each = {
        "node": "each",
        "type": "subticket",
        "template": "child",
        "for_each": "form.tags",
        "title": "item == 'x' ? 'a' : item",
    }
    assert found([BOSS, each]) == []
    assert found([BOSS, each | {"for_each": "form.hosts"}]) == []
