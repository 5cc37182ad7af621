"""Common mistakes of authors get their own hint in both languages instead of the parser's message."""

import re
from typing import Any

import pytest

from templates_engine.language.expressions import Expressions
from templates_engine.language.hints import habit
from templates_engine.text import localize
from tests.within import within

FORM: list[Any] = [
    {"key": "amount", "type": "money", "label": "A", "required": True},
    {
        "key": "kind",
        "type": "select",
        "label": "K",
        "options": ["buy", {"value": "rent", "label": "R"}],
        "required": True,
    },
    {"key": "note", "type": "text", "label": "N"},
    {"key": "day", "type": "date", "label": "D", "required": True},
    {"key": "at", "type": "datetime", "label": "T", "required": True},
    {"key": "on", "type": "switch", "label": "S"},
    {"key": "hosts", "type": "hosts", "label": "H"},
    {"key": "n", "type": "number", "label": "C", "required": True},
    {"key": "rows", "type": "table", "label": "R", "columns": [{"key": "name", "type": "text", "label": "N"}]},
]
EXPRESSIONS = Expressions(FORM)

# what is typed → what the hint says to write, in both languages
TYPED = {
    "form.kind = 'buy'": "==",
    "form.kind == ‘buy’": "'…'",
    "form.kind == “buy”": "'…'",
    "form.amount ＞ 100": ">",
    "（form.amount > 100）": "(",
    "form.kind == 'buy' ＆＆ form.on": "&",
    "form.kind == 'buy'；": ";",
    "form.kind in ['buy'，'rent']": ",",
    "form.amount > 100,000": "100000",
    "form.n ≥ 3": ">=",
    "form.n > 99999999999999999999": "18",
    "form.at.getHour() > 20": "form.x.getHours()",
    "form.at.getHours > 20": "form.x.getHours()",
    "getHours(form.at) > 20": "form.x.getHours()",
    "form.day > date(2026, 12, 1)": "date('2026-12-01')",
    "form.rows.sum('name') > 3": "sum(form.table, 'column')",
    "sum(form.rows) > 3": "sum(form.table, 'column')",
    "form.rows.exists(r, r[name] == 'x')": "'name'",
    "form.day - date('2026-12-01') > 3": "duration('72h')",
    "applicant.manager == 'bob'": "{manager: 1}",
    "ticket.applicant == 'alice'": "applicant.username",
    "form.n // 2 == 3": "/",
    "form.n > 3 // && form.on": "/",
    "(form.n // 2) > 3": "/",
    "form.n > 3 // form.n > 5": "/",
    "form.amount > 1,000,000 && form.on": "1000000",
    "form.amount > 100，000": "100000",
    "form.amount > 1_000": "100000",
    "form.amount > ¥100": "100000",
    "form.amount > 100元": "100000",
    "form.amount > 10万": "100000",
    "form.amount > 10k": "100000",
    "form.amount > 50%": "0.5",
    "form.kind == 'buy' and form.on": "&&",
    "form.kind == 'buy' AND form.on": "&&",
    "form.kind == 'buy' & form.on": "&&",
    "form.kind == 'buy' 并且 form.on": "&&",
    "form.kind == 'buy' or form.on": "||",
    "form.kind == 'buy' | form.on": "||",
    "form.kind == 'buy' 或者 form.on": "||",
    "not form.on": "!form.x",
    "form.kind not in ['buy']": "!(form.x in ['a', 'b'])",
    "form.kind in ('buy', 'rent')": "['a', 'b']",
    "form.kind in 'buy'": "['a', 'b']",
    "form.kind <> 'buy'": "!=",
    "form.kind === 'buy'": "==",
    "form.kind !== 'buy'": "!=",
    "form.amount => 100": ">=",
    "form.kind 等于 'buy'": "==",
    "form.note != null": "has(form.x)",
    "form.note == None": "has(form.x)",
    "form.note is not null": "has(form.x)",
    "form.note == undefined": "has(form.x)",
    "isEmpty(form.note)": "has(form.x)",
    "form.note.lowerAscii() == 'x'": "(?i)",
    "form.note.toLowerCase() == 'x'": "(?i)",
    "len(form.note) > 3": "size(form.x)",
    "form.note.length > 3": "size(form.x)",
    "form.hosts.size > 3": "size(form.x)",
    "form.rows.count > 3": "size(form.x)",
    "if form.on then 'a' else 'b'": "? ",
    "'a' if form.on else 'b'": "? ",
    "elif form.on": "? ",
    "form.note like 'x%'": "contains",
    "form.note contains 'x'": "contains",
    "form.note =~ 'x'": "matches",
    "form.note.startswith('x')": "startsWith",
    "form.hosts contains 'a'": "'a' in form.x",
    "form.hosts.contains('a')": "'a' in form.x",
    "form.hosts == 'a'": "'a' in form.x",
    "applicant.roles == 'dba'": "'a' in form.x",
    "form.hosts.some(h -> h)": "exists(",
    "any(h == 'x' for h in form.hosts)": "exists(",
    "form.note.b": "form.x",
    "form.kind.value == 'buy'": "form.x",
    "form.rows.name == 'x'": "form.x[0].name",
    "form.kind == buy": "'buy'",
    "form['kind'] == 'buy'": "form.x",
    "{{ form.kind }} == 'buy'": "form.x",
    "${form.kind} == 'buy'": "form.x",
    "form.on == True": "true",
    "form.on == 'true'": "!form.x",
    "form.on == 1": "!form.x",
    "100 < form.amount < 200": "a < form.x && form.x < b",
    "form.amount between 1 and 2": "a <= form.x && form.x <= b",
    "form.day > '2026-12-01'": "date('2026-12-01')",
    "form.day > 2026-12-01": "date('2026-12-01')",
    "form.at + 3600 > form.at": "duration('2h')",
    "form.at > now()": "wait",
    "form.at.hour > 3": "getHours()",
    "form.at.hours() > 3": "getHours()",
    "max(form.amount, 3.0) > 1.0": "a > b ? a : b",
    "form.amount > '100'": "form.x > 100",
    "form.note + form.n == 'x'": "text(form.x)",
    "str(form.n) == '3'": "text(form.x)",
    "form.n ** 2 > 4": "form.x * form.x",
    "form.amount % 2 == 0": "int(form.x) % 2",
    "!form.note": "form.x != ''",
    "form.hosts && true": "size(form.x) > 0",
    "form.note ?? 'x' == 'x'": "has(form.x) ?",
    "form.kind == 'buy": "'…'",
}  # fmt: skip
PARSER = re.compile(
    r"Syntax error|token recognition|mismatched|expecting|overload|google\.protobuf|undeclared|operand of"
)


@pytest.mark.parametrize(("source", "write"), TYPED.items(), ids=str)
def test_what_authors_type_gets_its_own_hint(source, write) -> None:
    (finding,) = EXPRESSIONS.check(source, "chain[0].when", "BOOL")
    assert write in localize(finding.suggestion, "zh")
    assert write in localize(finding.suggestion, "en")
    for words in (finding.message, finding.suggestion):
        chinese, english = localize(words, "zh"), localize(words, "en")
        assert not PARSER.search(chinese + english)
        assert not re.search(r"[\u4e00-\u9fff]", re.sub(r"并且|或者|等于|元|万", "", english))
        assert re.search(r"[\u4e00-\u9fff]", chinese)


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("form.kind == 'a = b' && form.on = true", 33),
        ("form.kind == 'and'\n  and form.on", 3),
        ("form.n > 100,000", 10),
    ],
)
def test_the_hint_stands_where_it_was_typed(source, place) -> None:
    (finding,) = EXPRESSIONS.check(source, "p")
    assert finding.details["column"] == place


@pytest.mark.parametrize(
    "source",
    [
        "form.note == 'this and that'",
        "form.note == '100,000 元'",
        "form.note == '“quoted”'",
        "form.kind in ['buy', 'rent'] // and = or",
        "form.n > 3 // the others\n && form.on // and only then",
        "form.note == 'https://x' && form.n > 3",
        "form.hosts.exists(h, h == 'null')",
        "form.on ? form.n > 1000 : form.n in [1, 200, 3000]",
        "has(form.note) && !form.on || form.n % 2 == 0",
    ],
)
def test_nothing_is_said_of_what_is_right(source) -> None:
    assert EXPRESSIONS.check(source, "p", "BOOL") == []


@pytest.mark.parametrize(
    "source",
    ["form.or == 1", "[form.on ? 1 : 'x'] == [3]", "size([{'a': 1}], 3) > 0", "form.nope in [form.kind]"],
)
def test_a_hint_is_not_made_up(source) -> None:
    """What stands there rightly is not blamed for a mistake elsewhere."""
    assert habit(source) is None


def test_A36_hints_take_no_time() -> None:
    for source in (
        "1," * 1000,
        "(" * 2000,
        "a and " * 330,
        "‘" * 2000,
        " " * 1999 + "=",
        "1_" * 1000,
        "is " * 660,
        "[" * 1000 + ":",
    ):
        with within(0.5):
            EXPRESSIONS.check(source[:2000], "p")


def test_what_a_condition_gives_instead_is_said_in_words() -> None:
    (finding,) = EXPRESSIONS.check("form.amount", "p", "BOOL")
    assert finding.message == {
        "zh": "条件必须得出真或假，这里得出小数。",
        "en": "A condition must be true or false; this is a decimal.",
    }
    (finding,) = EXPRESSIONS.check("form.hosts", "p", "BOOL")
    assert "a list" in finding.message["en"]
