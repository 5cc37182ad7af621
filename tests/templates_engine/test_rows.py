"""Table rows in expressions: their columns and values are type-checked."""

from typing import Any

import pytest

from templates_engine.language.expressions import Expressions
from templates_engine.language.refusals import type_words

COLUMNS = [
    {"key": "name", "type": "text", "required": True},
    {"key": "n", "type": "number", "required": True},
    {"key": "price", "type": "money", "required": True},
    {"key": "day", "type": "date", "required": True},
    {"key": "tags", "type": "multiselect", "options": ["a", "b"]},
    {"key": "on", "type": "switch"},
]
FORM: list[Any] = [
    {"key": "rows", "type": "table", "columns": COLUMNS},
    {"key": "other", "type": "table", "columns": [{"key": "x", "type": "text"}]},
    {"key": "hosts", "type": "hosts"},
    {"key": "from", "type": "date", "required": True},
]
EXPRESSIONS = Expressions(FORM)


@pytest.mark.parametrize(
    "source",
    [
        "form.rows.exists(r, r.n > 3 && r.price > 3 && r.n < r.price)",
        "form.rows.all(r, r.name.startsWith('x') || size(r.name) > 3 || r.name in ['a'])",
        "form.rows.exists(r, timestamp(r.day) > form.from)",
        "form.rows.exists(r, 'a' in r.tags && r.on)",
        "form.rows.exists(r, r.on ? r.n > 1 : r.price > 1)",
        "form.rows.filter(r, r.n > 1).map(r, r.name) == form.hosts",
        "form.rows.map(r, {'x': r.name, 'y': r.n}).exists(m, m.x == 'a')",
        "form.rows.map(r, [r.n, r.n]).exists(l, l[0] > 3)",
        "form.other.exists(r, form.rows.exists(s, r.x == s.name))",
        "form.rows[0].name == 'x' && form.rows[0]['n'] > 3",
        "(size(form.hosts) > 1 ? form.rows : []).exists(r, r.n > 3)",
        "[form.rows[0], form.rows[1]].exists(r, r.n > 3)",
        "'name' in form.rows[0] && size(form.rows[0]) > 1 && form.rows != []",
        "form.rows.exists(r, string(r.n) == r.name && int(r.name) == r.n && double(r.n) > 2.5 && -r.n < 3)",
        "form.rows.exists_one(r, r.n == 3 && r.n + 1 > 2 && r.name + 'x' != '')",
    ],
)
def test_what_fits(source) -> None:
    assert EXPRESSIONS.check(source, "p", "BOOL") == []


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("form.rows.exists(r, r.nope > 3)", "r.nope"),
        ("form.rows.exists(r, has(r.nope))", "r.nope"),
        ("form.rows[0].nope == 1", "nope"),
        ("form.rows[0]['nope'] == 1", "nope"),
        ("form.rows.filter(r, r.n > 1).exists(s, s.nope == 1)", "s.nope"),
        ("(size(form.hosts) > 1 ? form.rows : []).exists(r, r.nope > 3)", "r.nope"),
        ("form.rows.exists(r, form.other.exists(s, s.name == 'x'))", "s.name"),
        ("form.rows.exists(r, form.other.exists(r, r.name == 'x'))", "r.name"),
        ("(form.rows + form.rows).exists(r, r.nope == 1)", "r.nope"),
    ],
)
def test_columns_that_are_not_there(source, name) -> None:
    (finding,) = EXPRESSIONS.check(source, "p")
    assert (finding.code, finding.details["name"]) == ("unknown_field", name)


@pytest.mark.parametrize(
    "source",
    [
        "form.rows.exists(r, r.name > 3)",
        "form.rows.exists(r, r.n == 'x')",
        "form.rows.exists(r, r.n.startsWith('x'))",
        "form.rows.exists(r, r.name && true)",
        "form.rows.exists(r, !r.n)",
        "form.rows.exists(r, 1 in r.tags)",
        "form.rows.exists(r, size(r.n) > 1)",
        "form.rows.exists(r, r.name + 1 == 'x')",
        "form.rows.exists(r, r.name in form.rows.map(s, s.n))",
        "form.rows.filter(r, r.n > 1).map(s, s.name)[0] > 3",
        "form.rows.exists(r, r == 'x')",
        "form.rows.exists(r, r.n != null)",
    ],
)
def test_cells_of_another_kind(source) -> None:
    (finding,) = EXPRESSIONS.check(source, "p")
    assert finding.code == "bad_expression"
    assert "does not take" in finding.details["problem"]["en"]


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("form.rows.map(r, r.name)", "LIST<STRING>"),
        ("form.rows.map(r, r.price)", "LIST<DOUBLE>"),
        ("form.rows.filter(r, r.n > 1).map(r, r.n + 1)", "LIST<INT>"),
        ("form.rows.filter(r, r.on)", "LIST<MAP<STRING, DYN>>"),
        ("form.rows[0].tags", "LIST<STRING>"),
    ],
)
def test_what_it_gives(source, kind) -> None:
    assert EXPRESSIONS.check(source, "p", kind) == []
    (finding,) = EXPRESSIONS.check(source, "p", "BOOL")
    assert (finding.code, finding.details) == ("not_a_condition", {"type": kind, "given": type_words(kind)})


def test_an_item_is_a_row_too() -> None:
    inside = EXPRESSIONS.with_item_of("form.rows.filter(r, r.n > 1)")
    assert inside.check("item.name", "p", "STRING") == []
    assert [found.code for found in inside.check("item.nope", "p")] == ["unknown_field"]
    assert [found.code for found in inside.check("item.name > 3", "p")] == ["bad_expression"]
    assert EXPRESSIONS.with_item_of("form.hosts").check("item", "p", "STRING") == []
    assert EXPRESSIONS.with_item_of("form.hosts") is EXPRESSIONS.with_item_of("form.hosts")
