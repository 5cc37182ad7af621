"""Proofs over a template: the graph, its joins, cases never taken, hidden fields, nodes that fields name."""

import copy
import json
from typing import Any

import pytest

from templates_engine.document.check import Checked, check_text
from templates_engine.findings.finding import Finding
from templates_engine.language.directory import Directory
from templates_engine.language.expressions import Expressions
from templates_engine.ports import ActionInfo
from templates_engine.program.program import compile_chain
from templates_engine.proofs import Subject, joins, reach
from templates_engine.proofs.cases import prove as prove_cases
from templates_engine.text import localize
from tests.factories import approval, document
from tests.within import within

WHO = {"manager": 1}


class Actions:
    """One action that changes something."""

    def get(self, key):
        params = {"properties": {"x": {"type": "string"}}}
        return ActionInfo(key, "Run", params, is_read_only=False, needs_targets=False, has_rollback=False, risk="low")

    def keys(self):
        return ["run"]


def check(chain, form=None, **parts) -> Checked:
    return check_text(document(chain, form, **parts), Directory(roles={"dba"}), Actions())


def found(checked: Checked) -> list[tuple[str, str]]:
    return [(finding.code, finding.path) for finding in (*checked.errors, *checked.warnings)]


# --- the graph


def subject(chain, form=()) -> Subject:
    whole = json.loads(document(chain, list(form)))
    program = copy.deepcopy(compile_chain(whole))
    return Subject(whole, program, {key: f"at {key}" for key in program["nodes"]}, Expressions(whole["form"]))


def codes(findings) -> list[tuple[str, str]]:
    return [(finding.code, finding.path) for finding in findings]


def fork(node, *branches) -> dict:
    return {"node": node, "type": "parallel", "branches": [{"chain": list(branch)} for branch in branches]}


def branch(node, *cases) -> dict:
    *conditions, last = cases
    rows = [{"when": when, "chain": chain} for when, chain in conditions]
    return {"node": node, "type": "branch", "cases": [*rows, {"otherwise": True, "chain": last}]}


DEEP = [
    approval("a", WHO),
    fork(
        "f",
        [approval("b", WHO), fork("g", [approval("c", WHO)], [], [branch("h", ("true", []), [approval("d", WHO)])])],
        [branch("i", ("false", [fork("j", [], [approval("e", WHO)])]), [])],
    ),
    approval("z", WHO),
]


def test_what_is_compiled_from_a_document_is_whole() -> None:
    whole = subject(DEEP)
    assert list(reach.prove(whole)) == []
    assert list(joins.prove(whole)) == []


def test_an_edge_to_nowhere() -> None:
    broken = subject([approval("a", WHO), approval("b", WHO)])
    broken.nodes["a"]["next"] = "gone"
    assert codes(reach.prove(broken)) == [("dead_end", "at a"), ("unreachable_node", "at b")]


def test_a_start_that_is_not_there() -> None:
    broken = subject([approval("a", WHO)])
    broken.program["start"] = "gone"
    assert [finding.code for finding in reach.prove(broken)] == ["dead_end", "unreachable_node"]


@pytest.mark.parametrize(("last", "back"), [("z", "a"), ("z", "f"), ("z", "z"), ("d", "b"), ("e", "i")])
def test_I10_a_circle_never_ends(last, back) -> None:
    broken = subject(DEEP)
    broken.nodes[last]["next"] = back
    assert ("endless_chain", f"at {back}") in codes(reach.prove(broken))


def test_I12_a_branch_that_leaves_its_fork() -> None:
    for key, to in [("b", None), ("c", "z"), ("c", "f/join"), ("d", "f/join"), ("e", None), ("e", "f/join")]:
        broken = subject(DEEP)
        broken.nodes[key]["next"] = to
        assert {finding.code for finding in joins.prove(broken)} == {"join_never_completes"}, (key, to)


def test_I12_branches_that_share_a_node_would_walk_it_twice() -> None:
    broken = subject([fork("f", [approval("a", WHO)], [approval("b", WHO)])])
    broken.nodes["a"]["next"] = "b"
    (finding,) = joins.prove(broken)
    assert "share b" in finding.message["en"]


def test_I12_a_join_reached_from_outside_or_missing() -> None:
    broken = subject([approval("a", WHO), fork("f", [], [approval("b", WHO)])])
    broken.nodes["a"]["next"] = "f/join"
    assert [finding.code for finding in joins.prove(broken)] == ["join_never_completes"]
    broken = subject([fork("f", [], [approval("b", WHO)])])
    del broken.nodes["f/join"]
    assert [finding.code for finding in joins.prove(broken)] == ["join_never_completes"]


def test_a_long_chain_needs_no_deep_stack() -> None:
    long = subject([approval(f"n{i}", WHO) for i in range(5000)])
    assert list(reach.prove(long)) == []


# --- cases

FORM = [
    {"key": "n", "type": "number", "label": "N", "required": True, "min": 0, "max": 100},
    {"key": "open", "type": "number", "label": "O"},
    {"key": "cost", "type": "money", "label": "C", "required": True, "min": 0},
    {"key": "half", "type": "number", "label": "H", "precision": 1, "required": True},
    {"key": "kind", "type": "select", "label": "K", "options": ["a", "b", {"value": "c", "label": "C"}],
     "required": True},
    {"key": "may", "type": "radio", "label": "M", "options": ["x", "y"]},
    {"key": "on", "type": "switch", "label": "S"},
    {"key": "hosts", "type": "hosts", "label": "H", "required": True, "max_items": 20},
    {"key": "tags", "type": "multiselect", "label": "T", "options": ["p", "q", "r"]},
    {"key": "free", "type": "text", "label": "F"},
    {"key": "day", "type": "date", "label": "D"},
    {"key": "rows", "type": "table", "label": "R", "columns": [{"key": "c", "type": "text", "label": "C"}]},
    {"key": "seen", "type": "number", "label": "S", "required": True, "visible_when": "form.on"},
]  # fmt: skip


def judged(*conditions: str) -> list[str]:
    """What the proof says of a branch with these cases: `1` for the first never taken, `otherwise`, `?` unguarded."""
    rows = [{"when": when, "chain": []} for when in conditions]
    chain = [{"node": "b", "type": "branch", "cases": [*rows, {"otherwise": True, "chain": []}]}]
    words = []
    for finding in prove_cases(subject(chain, FORM)):
        number = finding.path.partition("cases[")[2].partition("]")[0]
        words.append({"unreachable_case": number, "unreachable_otherwise": "otherwise"}[finding.code])
    return words


@pytest.mark.parametrize(
    ("conditions", "said"),
    [
        # the same again
        (["form.free == 'x'", "form.free=='x'"], ["1"]),
        (["form.hosts.exists(h, h == 'a')", "form.hosts.exists(h, h == 'a')"], ["1"]),
        (["form.hosts.exists(h, h == 'a')", "form.hosts.exists(h, h == 'b')"], []),
        # literals
        (["true", "form.on"], ["1", "otherwise"]),
        (["false"], ["0"]),
        (["form.on", "true"], ["otherwise"]),
        (["true", "form.hosts.exists(h, h == 'a')"], ["1", "otherwise"]),
        # numbers
        (["form.n > 10", "form.n > 20"], ["1"]),
        (["form.n > 20", "form.n > 10"], []),
        (["form.n > 10", "form.n <= 10"], ["otherwise"]),
        (["form.n > 10", "form.n < 10"], []),
        (["form.n > 10", "form.n < 10", "form.n == 10"], ["otherwise"]),
        (["form.n > 100"], ["0"]),
        (["form.n >= 100"], []),
        (["form.n >= 0"], ["otherwise"]),
        (["form.n < 0 || form.n == -5"], ["0"]),
        (["10 < form.n", "11 <= form.n"], ["1"]),
        (["form.n in [1, 2]", "form.n == 2"], ["1"]),
        (["form.n != 3", "form.n == 3"], ["otherwise"]),
        (["form.n > 10 && form.n < 11"], ["0"]),
        (["form.half > 10.0 && form.half < 10.1"], ["0"]),
        (["form.half > 10.0 && form.half < 10.2"], []),
        (["form.cost > 0.01 && form.cost < 0.02"], ["0"]),
        (["form.cost >= 0.0", "form.on"], ["1", "otherwise"]),
        (["form.n + 1 > 10", "form.n + 1 > 20"], []),
        (["form.n * form.n < 0"], []),
        (["-5 > form.n"], ["0"]),
        (["!(form.n > 10)", "form.n <= 5"], ["1"]),
        # what may be empty
        (["form.open > 3"], []),
        (["'open' in filled && form.open > 3", "'open' in filled && form.open > 5"], ["1"]),
        (["'open' in filled && form.open > 3", "!('open' in filled)", "form.open < 2"], []),
        (["has(form.open) && form.open > 3", "'open' in filled && form.open > 5"], ["1"]),
        (["'open' in filled || form.open > 3"], []),
        (["form.half > 10", "form.half > 10.5"], ["1"]),
        (["form.n > 10.5", "form.n >= 11"], ["1"]),
        (["'day' in filled", "!('day' in filled)"], ["otherwise"]),
        (["'n' in filled"], ["otherwise"]),
        # choices
        (["form.kind == 'a'", "form.kind == 'b'", "form.kind == 'c'"], ["otherwise"]),
        (["form.kind in ['a', 'b']", "form.kind == 'a'"], ["1"]),
        (["form.kind == 'd'"], ["0"]),
        (["form.kind != 'a'", "form.kind.startsWith('b')"], ["1"]),
        (["form.may == 'x' || form.may == 'y'"], []),
        (["form.may == 'x' || form.may == 'y' || form.may == ''"], ["otherwise"]),
        (["form.on", "!form.on"], ["otherwise"]),
        (["form.on == true", "form.on"], ["1"]),
        (["form.on ? form.kind == 'a' : form.kind == 'b'", "form.on && form.kind == 'a'"], ["1"]),
        (["ticket.priority == 'high'", "ticket.priority in ['low', 'normal', 'urgent']"], ["otherwise"]),
        (["ticket.priority == 'higher'"], ["0"]),
        # lists
        (["size(form.hosts) > 10", "size(form.hosts) > 15"], ["1"]),
        (["size(form.hosts) > 20"], ["0"]),
        (["size(form.hosts) >= 1"], ["otherwise"]),
        (["size(form.tags) == 0", "'p' in form.tags", "!('p' in form.tags)"], ["otherwise"]),
        (["'p' in form.tags", "'p' in form.tags && 'q' in form.tags"], ["1"]),
        (["'s' in form.tags"], ["0"]),
        (["'p' in form.tags && 'q' in form.tags && 'r' in form.tags", "size(form.tags) == 3"], ["1"]),
        (["'web' in form.hosts && size(form.hosts) == 1", "form.hosts == ['web']"], []),
        (["size(form.rows) > 5", "size(form.rows) > 6"], ["1"]),
        # texts and people
        (["form.free == 'a'", "form.free in ['a']"], ["1"]),
        (["form.free != 'a'", "form.free == 'a'"], ["otherwise"]),
        (["applicant.department == 'dev'", "applicant.department != 'dev'"], ["otherwise"]),
        (["'sre' in applicant.roles", "'sre' in applicant.roles && form.on"], ["1"]),
        # several together
        (["form.n > 10 || form.on", "form.n > 20 && form.kind == 'a'"], ["1"]),
        (["form.n > 10 && form.on", "form.n > 20"], []),
        (["form.kind == 'a' && form.n > 10", "form.kind == 'a'", "form.kind == 'a' && form.on"], ["2"]),
        # nothing is said of what is not understood
        (["form.free.contains('a')", "form.free == 'a'"], []),
        (["size(form.free) > 3", "size(form.free) > 5"], []),
        (["form.free == form.kind", "form.free == 'a'"], []),
        (["form.free == '''a'''", "form.free == 'b'"], []),
        (["form.free == 'a\\'b'", "form.free == 'b'"], []),
        (["size(filled) > 3", "size(filled) > 4"], []),
        (["has(form.rows[0].c)"], []),
        (["form.kind in form.tags", "form.kind == 'a'"], []),
        (["form.hosts.all(h, h != 'a')", "form.on", "form.on && form.n > 3"], ["2"]),
    ],
)  # fmt: skip
def test_cases_that_are_never_taken(conditions, said) -> None:
    assert judged(*conditions) == said


def test_the_finding_names_the_case_that_comes_first() -> None:
    rows: list[tuple[str, list[Any]]] = [("form.n > 10", []), ("form.n > 20", [])]
    chain = [branch("b", *rows, [])]
    chain[0]["cases"][0]["name"] = {"zh": "大", "en": "Large"}
    (finding,) = prove_cases(subject(chain, FORM))
    assert finding.path == "chain[0].cases[1].when"
    assert "case 1 (Large)" in finding.message["en"]
    assert "1 (大)" in finding.message["zh"]
    (finding,) = prove_cases(subject([branch("b", ("form.n > 200", []), [])], FORM))
    assert "no value" in finding.message["en"]


def test_a_branch_inside_a_case_knows_the_cases_condition() -> None:
    inner = branch("inner", ("form.n > 5", []), ("form.kind == 'a'", []), [])
    (covered, rest) = prove_cases(subject([branch("outer", ("form.n > 10", [inner]), [])], FORM))
    assert covered.path == "chain[0].cases[0].chain[0].cases[1].when"
    assert rest.code == "unreachable_otherwise"
    (never,) = prove_cases(subject([branch("outer", ("form.n > 3", []), [inner])], FORM))
    assert never.path == "chain[0].cases[1].chain[0].cases[0].when"
    parallel = fork("f", [inner], [inner | {"node": "again"}])
    assert len(list(prove_cases(subject([branch("outer", ("form.n > 10", [parallel]), [])], FORM)))) == 4


def test_inside_a_case_that_is_never_taken_nothing_more_is_said() -> None:
    inner = branch("inner", ("form.n > 5", []), [])
    (finding,) = prove_cases(subject([branch("outer", ("form.n > 100", [inner]), [])], FORM))
    assert finding.path == "chain[0].cases[0].when"


def test_A36_too_many_values_are_not_tried() -> None:
    form = [
        {"key": f"s{i}", "type": "select", "label": "S", "options": [f"o{j}" for j in range(500)], "required": True}
        for i in range(3)
    ]
    conditions: list[tuple[str, list[Any]]] = [
        (f"form.s0 == 'o{i}' || form.s1 == 'o{i}' || form.s2 == 'o{i}'", []) for i in range(49)
    ]
    with within(2):
        assert list(prove_cases(subject([branch("b", *conditions, [])], form))) == []


def test_A36_the_cost_of_checking_a_whole_document_is_bounded() -> None:
    form = [
        {"key": f"s{i}", "type": "select", "label": "S", "options": [f"o{j}" for j in range(16)], "required": True}
        for i in range(3)
    ]
    cases: list[tuple[str, list[Any]]] = [
        (f"form.s0 == 'x{i}' || form.s1 == 'x{i}' || form.s2 == 'x{i}'", []) for i in range(49)
    ]
    chain = [branch(f"b{i}", *cases, []) for i in range(100)]
    with within(20):
        first = sum(1 for _finding in prove_cases(subject(chain, form)))
    assert first < 100 * 49


# --- what fields say of nodes


def at(**places) -> dict:
    return {"key": "f", "type": "text", "label": "F", **places}


RUN = {"node": "run", "type": "automation", "action": "run", "params": {"x": "form.f"}}
ONE = approval("one", WHO)


@pytest.mark.parametrize(
    ("field", "said"),
    [
        (at(editable_at=["one"]), []),
        (at(hidden_at=["look"]), []),
        (at(editable_at=["oen"]), [("unknown_node", "form[0].editable_at[0]")]),
        (at(readonly_at=["one", "gone"]), [("unknown_node", "form[0].readonly_at[1]")]),
        (at(hidden_at=["tell"]), [("unknown_node", "form[0].hidden_at[0]")]),
        (at(editable_at=["one"], readonly_at=["one"]), [("contradictory_access", "form[0].editable_at[0]")]),
        (at(editable_at=["one"], hidden_at=["one"]), [("contradictory_access", "form[0].editable_at[0]")]),
        (at(editable_at=["one"], readonly_at=["look"]), []),
    ],
)
def test_nodes_that_fields_name(field, said) -> None:
    look = {"node": "look", "type": "confirm", "assignees": [WHO]}
    tell = {"node": "tell", "type": "cc", "to": [WHO]}
    assert found(check([ONE, look, tell], [field])) == said


def test_a_wrong_name_is_answered_with_a_close_one() -> None:
    (finding,) = check([ONE], [at(editable_at=["oen"])]).errors
    assert localize(finding.suggestion, "en") == "Did you mean one?"


def test_what_you_sign_is_not_hidden_from_you() -> None:
    assert found(check([ONE, RUN], [at(hidden_at=["one"])])) == [("hidden_but_signed", "form[0].hidden_at[0]")]
    assert found(check([ONE, RUN | {"params": {}}], [at(hidden_at=["one"])])) == []
    look = {"node": "look", "type": "confirm", "assignees": [WHO]}
    assert found(check([ONE, look, RUN], [at(hidden_at=["look"])])) == []


def test_every_proof_is_asked_when_a_document_is_checked(monkeypatch) -> None:
    from templates_engine import proofs

    def broken(_subject):
        yield Finding("dead_end", "chain[0]", {"key": "a", "to": "b"})

    monkeypatch.setattr(proofs, "PROOFS", (broken,))
    assert found(check([ONE])) == [("dead_end", "chain[0]")]
