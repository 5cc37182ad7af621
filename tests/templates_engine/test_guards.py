"""Reading a value that may be empty needs a guard; guards elsewhere or without effect do not count (A12, I26)."""

from typing import Any

import pytest

from templates_engine.language.expressions import Expressions
from templates_engine.store.commands import check
from tests.factories import approval, document
from tests.templates_engine.test_proofs import branch

FORM: list[Any] = [
    {"key": "kind", "type": "select", "options": ["buy", "rent", "lend"], "required": True},
    {"key": "amount", "type": "money", "required": True, "visible_when": "form.kind == 'buy'"},
    {"key": "maybe", "type": "money", "visible_when": "form.kind == 'buy'"},
    {"key": "term", "type": "number", "required": True, "visible_when": "form.kind in ['rent'] || form.urgent"},
    {"key": "urgent", "type": "switch"},
    {"key": "until", "type": "date", "required_when": "form.urgent"},
    {"key": "n", "type": "number"},
    {"key": "m", "type": "number"},
    {"key": "range", "type": "daterange"},
    {"key": "t", "type": "text"},
    {
        "key": "rows",
        "type": "table",
        "columns": [
            {"key": "name", "type": "text"},
            {"key": "n", "type": "number"},
            {"key": "must", "type": "number", "required": True},
        ],
    },
]
EXPRESSIONS = Expressions(FORM)


def named(source, *assumed) -> list[str]:
    assert EXPRESSIONS.check(source, "p") == []
    return [finding.details["name"].removeprefix("form.") for finding in EXPRESSIONS.unguarded(source, "p", assumed)]


@pytest.mark.parametrize(
    "source",
    [
        "'n' in filled && form.n > 3",
        '"n" in filled && form.n > 3',
        "has(form.n) && form.n > 3",
        "has( form . n ) && form.n > 3",
        "form.n > 3 && 'n' in filled",
        "form.t == 'x' && ('n' in filled && (form.t == 'y' || form.n > 3))",
        "!('n' in filled) || form.n > 3",
        "!has(form.n) || form.n > 3",
        "form.n > 3 || !('n' in filled)",
        "!(!has(form.n) || form.n > 3)",
        "'n' in filled ? form.n > 3 : false",
        "!('n' in filled) ? false : form.n > 3",
        "('n' in filled ? form.t == 'x' : false) && form.n > 3",
        "('n' in filled && form.t == 'x' || 'n' in filled && form.t == 'y') && form.n > 3",
        "'n' in filled && [1, 2].exists(x, x > form.n)",
        "form.t in ['a'].map(x, has(form.n) && form.n > 3 ? x : '')",
        "form.kind == 'buy' && form.amount > 1000.0",
        "'buy' == form.kind && form.amount > 1000",
        "form.amount > 1000 && form.kind == 'buy'",
        "form.kind != 'buy' || form.amount > 1000",
        "form.urgent && form.term > 3",
        "(form.kind in ['rent']) && form.term > 3",
        "form.urgent && form.until > timestamp('2026-12-01T00:00:00Z')",
        "has(form.range) && form.range.end > form.range.start",
        "form.rows.exists(r, has(r.n) && r.n > 3)",
        "form.rows.all(r, !('n' in r) || r.n > 3)",
        "form.rows.exists(r, r.must > 3 && r.name == '')",
        "form.rows.exists(a, form.rows.exists(b, has(a.n) && has(b.n) && a.n > b.n))",
        "false && form.n > 3",
    ],
)
def test_what_asks_first(source) -> None:
    assert named(source) == []


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("'n' in filled || form.n > 3", ["n"]),
        ("form.n == form.n || 'n' in filled", ["n"]),
        ("!('n' in filled) && form.n > 3", ["n"]),
        ("'m' in filled && form.n > 3", ["n"]),
        ("'n' in filled ? true : form.n > 3", ["n"]),
        ("('n' in filled || form.t == 'x') && form.n > 3", ["n"]),
        ("('n' in filled) == false && form.n > 3", ["n"]),
        ("form.t == \"'n' in filled\" && form.n > 3", ["n"]),
        ("form.n > 3 // 'n' in filled", ["n"]),
        ("form.n > 3 // && 'n' in filled\n || false", ["n"]),
        ("'n' in ['n'] && form.n > 3", ["n"]),
        ("has(form.m) && has(form.n) ? form.n > 3 : form.m > 3", ["m"]),
        ("(form.m > 1 ? 'n' in filled : 'n' in filled) && (form.n > 1 ? 'm' in filled : 'm' in filled)", ["m"]),
        ("['n'].all(x, 'n' in filled) && form.n > 3", ["n"]),
        ("form.kind == 'rent' && form.amount > 1000", ["amount"]),
        ("form.kind == 'buy' || form.amount > 1000", ["amount"]),
        ("form.kind == 'buy' && form.maybe > 1000", ["maybe"]),
        ("form.term > 3", ["term"]),
        ("form.until > timestamp('2026-12-01T00:00:00Z')", ["until"]),
        ("form.range.end > form.range.start", ["range"]),
        ("form.n + form.m > 3 && form.n > 1", ["n", "m"]),
        ("form. // form.t\n n > 3", ["n"]),
        ("form.rows.exists(r, r.n > 3)", ["r.n"]),
        ("form.rows[0].n > 3", ["n"]),
        ("form.rows.exists(r, r['n'] > 3)", ["r.n"]),
        ("form.rows.exists(r, has(r.n)) && form.rows.exists(r, r.n > 3)", ["r.n"]),
        ("form.rows.exists(a, form.rows.exists(b, has(a.n) && b.n > 3))", ["b.n"]),
        ("form.rows.exists(n, has(form.n)) && form.n > 3", ["n"]),
    ],
)
def test_A12_what_does_not_ask(source, names) -> None:
    assert named(source) == names


def test_what_is_assumed_counts_as_asked() -> None:
    assert named("form.n > 3", ("'n' in filled", True)) == []
    assert named("form.n > 3", ("!has(form.n)", False)) == []
    assert named("form.n > 3", ("!has(form.n) || form.t == 'x'", False)) == []
    assert named("form.amount > 3", ("form.t == 'x'", False), ("form.kind == 'buy'", True)) == []
    assert named("form.n > 3", ("'n' in filled", False)) == ["n"]
    assert named("form.n > 3", ("'n' in filled || form.t == 'x'", True)) == ["n"]
    assert named("form.n > 3", ("form.nope == 1", True)) == ["n"]


def cases_in_a_row(*whens: str) -> list[str]:
    """The paths at which something is unguarded."""
    form = [{"label": "L", **field} for field in FORM[:6]] + [{"key": "n", "type": "number", "label": "N"}]
    text = document([approval("a", {"manager": 1}), branch("b", *((when, []) for when in whens), [])], form)
    return [finding.path for finding in check(text).errors if finding.code == "unguarded_field"]


@pytest.mark.usefixtures("world")
def test_a_case_counts_on_those_before_it_and_on_nothing_behind() -> None:
    assert cases_in_a_row("!('n' in filled)", "form.n > 10") == []
    assert cases_in_a_row("form.n > 10", "!('n' in filled)") == ["chain[1].cases[0].when"]
    assert cases_in_a_row("'n' in filled", "form.n > 10") == ["chain[1].cases[1].when"]


def test_where_the_author_wrote_it() -> None:
    """`has` is exchanged before the engine reads it; places are the author's all the same."""
    for source, line, column in [
        ("has(form.n) && form.n > 'x'", 1, 23),
        ("has(form.n) && has(form.m)\n  && form.n > 'x'", 2, 13),
        ("form.n > 'x' && has(form.n)", 1, 8),
        ("has(form.n) && has(applicant.department) && form.t.matches('[')", 1, 59),
        ("'has(form.n)' == form.t && form.n > 'x'", 1, 35),
    ]:
        (finding,) = EXPRESSIONS.check(source, "p")
        assert finding.code == "bad_expression"
        assert (finding.details["line"], finding.details["column"]) == (line, column), source
