"""The proof about cases is right: checked with all values of a small form."""

from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from templates_engine.language.expressions import Expressions, Facts
from templates_engine.proofs.cases import prove
from tests.templates_engine.test_proofs import subject

FORM: list[Any] = [
    {"key": "n", "type": "number", "label": "N", "min": 0, "max": 4, "required": True},
    {"key": "o", "type": "number", "label": "O", "min": 0, "max": 2},
    {"key": "k", "type": "select", "label": "K", "options": ["a", "b"], "required": True},
    {"key": "s", "type": "switch", "label": "S"},
    {"key": "t", "type": "multiselect", "label": "T", "options": ["p", "q"]},
]
VALUES: dict[str, Any] = {
    "n": list(range(5)),
    "o": [None, 0, 1, 2],
    "k": ["a", "b"],
    "s": [None, True, False],
    "t": [None, ["p"], ["q"], ["p", "q"]],
}
EXPRESSIONS = Expressions(FORM)
EVERY_FORM = [
    Facts(
        {key: value for key, value in zip(VALUES, point, strict=True) if value is not None},
        {"username": "a", "name": "A", "department": "", "roles": []},
        {"priority": "normal", "title": ""},
    )
    for point in product(*VALUES.values())
]

comparison = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
number = st.integers(-1, 5)
atoms = st.one_of(
    st.builds(lambda sign, value: f"form.n {sign} {value}", comparison, number),
    st.builds(lambda sign, value: f"{value} {sign} form.n", comparison, number),
    st.builds(lambda values: f"form.n in {values}", st.lists(number, min_size=1, max_size=3)),
    st.builds(lambda sign, value: f"('o' in filled && form.o {sign} {value})", comparison, number),
    st.just("'o' in filled"),
    st.builds(lambda sign, value: f"form.k {sign} '{value}'", st.sampled_from(["==", "!="]), st.sampled_from("abc")),
    st.just("form.s"),
    st.builds(lambda value: f"'{value}' in form.t", st.sampled_from("pqr")),
    st.builds(lambda sign, value: f"size(form.t) {sign} {value}", comparison, number),
    st.sampled_from(["true", "false"]),
)
conditions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.builds(lambda left, right: f"({left} && {right})", inner, inner),
        st.builds(lambda left, right: f"({left} || {right})", inner, inner),
        st.builds(lambda one: f"!({one})", inner),
    ),
    max_leaves=4,
)


def really_taken(cases: list[str]) -> set[int]:
    """The cases that some form takes; the last number is `otherwise`."""
    taken = set()
    for facts in EVERY_FORM:
        first = next((index for index, when in enumerate(cases) if EXPRESSIONS.condition(when, facts)), len(cases))
        taken.add(first)
    return taken


@settings(max_examples=60, deadline=None)
@given(st.lists(conditions, min_size=1, max_size=3))
def test_exactly_the_cases_that_no_form_takes_are_named(cases) -> None:
    rows = [{"when": when, "chain": []} for when in cases]
    chain = [{"node": "b", "type": "branch", "cases": [*rows, {"otherwise": True, "chain": []}]}]
    named = {int(finding.path.partition("cases[")[2].partition("]")[0]) for finding in prove(subject(chain, FORM))}
    assert named == set(range(len(cases) + 1)) - really_taken(cases)
