"""CEL: type-checked at check time, limited at run time, never executed as Python (A12, A36)."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from templates_engine.language.cost import operands
from templates_engine.language.expressions import ExpressionFailed, Expressions, Facts
from tests.within import within

FORM: list[Any] = [
    {"key": "t", "type": "text"},
    {"key": "n", "type": "number"},
    {"key": "d", "type": "number", "precision": 1},
    {"key": "s", "type": "switch"},
    {"key": "o", "type": "select", "options": ["x"]},
    {"key": "day", "type": "date"},
    {"key": "at", "type": "datetime"},
    {"key": "hosts", "type": "hosts"},
    {"key": "must", "type": "number", "required": True},
    {"key": "shown", "type": "number", "required": True, "visible_when": "form.s"},
]
APPLICANT = {"username": "alice", "name": "Alice", "department": "platform", "roles": ["dev"]}
EXPRESSIONS = Expressions(FORM)


def facts(**form) -> Facts:
    return Facts(form, APPLICANT, {"priority": "high", "title": "T"})


@pytest.mark.parametrize(
    ("source", "form", "value"),
    [
        ("form.t == 'a'", {"t": "a"}, True),
        ("form.t == ''", {}, True),
        ("form.n + 1", {"n": 4}, 5),
        ("form.d > 2.5", {"d": 3}, True),
        ("form.d * 2.0", {"d": 1.5}, 3.0),
        ("form.s", {}, False),
        ("form.o", {}, ""),
        ("size(form.hosts)", {}, 0),
        ("'a' in form.hosts", {"hosts": ["a"]}, True),
        ("'n' in filled", {"n": 0}, True),
        ("'n' in filled", {}, False),
        ("'n' in filled && form.n > 3", {}, False),
        ("filled", {"t": "x"}, ["t"]),
        ("applicant.username", {}, "alice"),
        ("'dev' in applicant.roles", {}, True),
        ("ticket.priority", {}, "high"),
        ("form.t.matches('^(a+)+$')", {"t": "a" * 500 + "!"}, False),
        ("form.t.startsWith('x')", {"t": "xy"}, True),
        ("form.at < timestamp('2026-11-21T02:00:00Z')", {"at": "2026-11-21T09:00:00+08:00"}, True),
        ("form.at", {"at": "2026-11-21T09:00:00+08:00"}, datetime(2026, 11, 21, 1, tzinfo=UTC)),
        ("form.day", {"day": "2026-11-21"}, datetime(2026, 11, 20, 16, tzinfo=UTC)),
        ("form.hosts.map(h, h + '.x')", {"hosts": ["a", "b"]}, ["a.x", "b.x"]),
        ("form.t", {"t": "{{ 7*7 }}"}, "{{ 7*7 }}"),
        ("form.t == 'Ａ'", {"t": "A"}, False),
        ("form.t == 'a'", {"t": "а"}, False),
        ("'x' == 'x '", {}, False),
    ],
)
def test_values(source, form, value) -> None:
    assert EXPRESSIONS.check(source, "p") == []
    assert EXPRESSIONS.evaluate(source, facts(**form)) == value


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("form.nope", "unknown_field"),
        ("form", "unknown_field"),
        ("nope", "unknown_field"),
        ("item", "unknown_field"),
        ("form.__class__", "unknown_field"),
        ("applicant.password", "unknown_field"),
        ("applicant.is_admin", "unknown_field"),
        ("form.n == 'x'", "bad_expression"),
        ("form.t + 1", "bad_expression"),
        ("form.n && true", "bad_expression"),
        ("form.t.upper()", "unknown_field"),
        ("1 +", "bad_expression"),
        ("'", "bad_expression"),
        ("", "bad_expression"),
        ("open('/etc/passwd')", "unknown_field"),
        ("lambda: 1", "bad_expression"),
        ("form.t; form.n", "bad_expression"),
        ("{{ form.t }}", "bad_expression"),
        ("form['t']", "bad_expression"),
        ("'%s' % form.t", "bad_expression"),
        ("2 ** 99999999", "bad_expression"),
        ("(" * 300 + "1" + ")" * 300, "bad_expression"),
        ("[" * 300 + "]" * 300, "bad_expression"),
        ("'" + "a" * 100_000 + "'", "bad_expression"),
        ("\x00", "bad_expression"),
    ],
)
def test_A36_what_does_not_type(source, code) -> None:
    with within(1):
        assert [finding.code for finding in EXPRESSIONS.check(source, "p")] == [code]


@pytest.mark.parametrize(
    ("source", "expected", "code"),
    [
        ("form.t", "BOOL", "not_a_condition"),
        ("form.n", "BOOL", "not_a_condition"),
        ("form.t", "LIST", "wrong_expression_type"),
        ("form.hosts", "STRING", "wrong_expression_type"),
        ("form.day", "STRING", "wrong_expression_type"),
        ("form.t", "TIMESTAMP", "wrong_expression_type"),
    ],
)
def test_a_type_that_is_not_wanted(source, expected, code) -> None:
    assert [finding.code for finding in EXPRESSIONS.check(source, "p", expected)] == [code]


@pytest.mark.parametrize(
    ("source", "form"),
    [
        ("form.n > 1", {}),
        ("form.day > form.at", {}),
        ("1 / (form.must - form.must) > 0", {"must": 1}),
        ("form.must + 9223372036854775807 > 0", {"must": 1}),
        ("[1, 2][5] > 0", {}),
        ("{'a': 1}.b > 0", {}),
        ("timestamp(form.t) > form.at", {"t": "soon", "at": "2026-11-21T09:00:00Z"}),
        ("int(form.t) > 0", {"t": "x"}),
        ("duration(form.t) > duration('1s')", {"t": "1y"}),
        ("form.t.matches(form.t)", {"t": "("}),
        ("timestamp('9999-12-31T23:59:59Z') + duration('1000h') > form.at", {"at": "2026-11-21T09:00:00Z"}),
    ],
)
def test_I26_what_cannot_be_evaluated_fails_by_name(source, form) -> None:
    with pytest.raises(ExpressionFailed):
        EXPRESSIONS.condition(source, facts(**form))


def test_I26_a_condition_is_true_or_false_only() -> None:
    for source in ("form.t", "1", "dyn(1)", "form.hosts"):
        with pytest.raises(ExpressionFailed):
            EXPRESSIONS.condition(source, facts(t="true"))


@pytest.mark.parametrize(
    "source",
    [
        "form.hosts.all(a, form.hosts.all(b, a != ''))",
        "form.hosts.all(a, form.hosts.all(b, form.hosts.all(c, form.hosts.all(d, d != ''))))",
        "size(form.hosts.map(a, form.hosts.map(b, form.hosts.map(c, a + b + c)))) > 0",
    ],
)
def test_A36_loops_in_loops_end_at_a_budget(source) -> None:
    assert EXPRESSIONS.check(source, "p", "BOOL") == []
    with within(2), pytest.raises(ExpressionFailed, match="budget"):
        EXPRESSIONS.condition(source, facts(hosts=[f"h{i}" for i in range(1000)]))


GROWING = [
    "size([form.t]" + "".join(f".map({v}, {v} + {v})" for v in "abcdefghijklmn") + "[0]) > 0",
    "size([form.hosts]" + "".join(f".map({v}, {v} + {v})" for v in "abcdefghijklmn") + "[0]) > 0",
    "[form.hosts]" + "".join(f".map({v}, [{v}, {v}, {v}, {v}])" for v in "abcdefgh") + ".all(x, x == x)",
    "[form.hosts.map(a, form.hosts)].all(v, form.hosts.all(a, v == v))",
    "size(form.hosts.map(h, form.t + h)) > 0",
    "size([form.t + form.t].map(a, '&&' + a + a + ')' + a).map(b, b + b + b).map(c, c + c + c)) > 0",
    "size(" + " + ".join(["(" + " + ".join(["form.t"] * 14) + ")"] * 14) + ") > 0",
]
IN_LITTLE_MEMORY = """
import django
django.setup()
import resource
from tests.templates_engine.test_expressions import EXPRESSIONS, GROWING, facts
from templates_engine.language.expressions import ExpressionFailed
from tests.within import within
known = facts(t="x" * 600_000, hosts=[f"h{i}" for i in range(1000)])
size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (size + 100 * 2**20,) * 2)
for source in GROWING:
    try:
        with within(1):
            EXPRESSIONS.condition(source, known)
    except ExpressionFailed as error:
        print("budget" in str(error))
"""


def test_A36_what_would_grow_is_refused_before_it_runs() -> None:
    """In a process that may take 100 MB more, where growing would end in MemoryError."""
    assert [EXPRESSIONS.check(source, "p", "BOOL") for source in GROWING] == [[]] * len(GROWING)
    root = Path(__file__).parents[2]
    environment = os.environ | {"PYTHONPATH": str(root), "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", IN_LITTLE_MEMORY],
        cwd=root, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.stdout == "True\n" * len(GROWING), done.stderr[-2000:]


@pytest.mark.parametrize(
    "source",
    [
        "size(form.hosts.map(h, h + '.example')) == 1000",
        "size(form.hosts.filter(h, h != 'h1').map(h, h + '.example')) == 999",
        "form.hosts.exists(h, h == 'h7') && form.hosts.all(h, h != '') && !form.hosts.exists(h, h in ['a', 'b', 'c'])",
        "form.t + form.t != '' || size(form.hosts.map(h, {'host': h, 'port': '22'})) > 1",
        "form.t.contains('&& , + , + .map( .map( .map( .map( .map( .map(') || size(form.hosts) > 3",
    ],
)
def test_what_people_write_is_far_from_the_bound(source) -> None:
    assert EXPRESSIONS.check(source, "p", "BOOL") == []
    assert EXPRESSIONS.condition(source, facts(t="x" * 20_000, hosts=[f"h{i}" for i in range(1000)])) is True


@pytest.mark.parametrize(
    ("source", "shapes"),
    [
        ("a", ((0, 0),)),
        ("a && b || c", ((0, 0), (0, 0), (0, 0))),
        ("a.map(x, x + 1).filter(y, y)", ((2, 1),)),
        ("(a && b.all(x, x)) || c", ((1, 0), (0, 0))),
        ("a + '&& b' + \"|| '\" + r'\\' + b'''&&'''", ((0, 4),)),
        ("a // && b\n && c", ((0, 0), (0, 0))),
        ("[a, b, c].exists(x, [x, x])", ((1, 3),)),
    ],
)
def test_the_shape_of_an_expression(source, shapes) -> None:
    assert operands(source) == shapes


def test_a_field_is_read_however_its_name_is_written() -> None:
    for source in ("form.t", "form .t", "form\n. t", "form// form.n\n.t", "form.`t`", ".form.t"):
        assert EXPRESSIONS.evaluate(source, facts(t="v")) == "v"


def test_A12_values_are_operands_never_source() -> None:
    for value in ("' || true || '", 'x" == "x', "form.s", "\\'", "'); true; ('"):
        assert EXPRESSIONS.condition("form.t == 'secret'", facts(t=value)) is False
        assert EXPRESSIONS.evaluate("form.t", facts(t=value)) == value


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("form.n > 1", ["form.n"]),
        ("form.shown > 1", ["form.shown"]),
        ("form.must > 1", []),
        ("form.t == ''", []),
        ("form.s", []),
        ("size(form.hosts) > 1", []),
        ("'n' in filled && form.n > 1", []),
        ('"n" in filled && form.n > 1', []),
        ("'d' in filled && form.n > 1", ["form.n"]),
        ("form.n > 1 && form.day < form.at", ["form.n", "form.day", "form.at"]),
    ],
)
def test_unguarded_fields(source, named) -> None:
    assert [finding.details["name"] for finding in EXPRESSIONS.unguarded(source, "p")] == named
