"""Accepted expressions never fail: tried with all values of a small form (A12, I26)."""

from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from templates_engine.forms.values import check_form
from templates_engine.language.expressions import ExpressionFailed, Expressions, Facts

FORM: list[Any] = [
    {"key": "k", "type": "select", "options": ["x", "y"], "required": True},
    {"key": "s", "type": "switch"},
    {"key": "a", "type": "number"},
    {"key": "b", "type": "number", "precision": 1},
    {"key": "v", "type": "number", "required": True, "visible_when": "form.k == 'x' && !form.s"},
    {"key": "w", "type": "number", "required_when": "form.s || form.k == 'y'"},
    {"key": "r", "type": "table", "columns": [{"key": "c", "type": "number"}]},
]
VALUES: dict[str, Any] = {
    "k": ["x", "y"],
    "s": [True, False],
    "a": [None, 0, 2],
    "b": [None, 1.5],
    "v": [None, 1],
    "w": [None, 1],
    "r": [None, [{}, {"c": 1}]],
}
APPLICANT = {"username": "a", "name": "A", "department": "", "roles": []}
TICKET = {"priority": "normal", "title": ""}
EXPRESSIONS = Expressions(FORM)


def _forms():
    for point in product(*VALUES.values()):
        sent = {key: value for key, value in zip(VALUES, point, strict=True) if value is not None}
        values, findings = check_form(EXPRESSIONS, sent, APPLICANT, TICKET)
        if not findings:
            yield Facts(values, APPLICANT, TICKET)


EVERY_FORM = list(_forms())
keys = st.sampled_from("abvw")
atoms = st.one_of(
    st.builds("form.{} > 1".format, keys),
    st.builds("form.{} == form.{}".format, keys, keys),
    st.builds("'{}' in filled".format, keys),
    st.builds("has(form.{})".format, keys),
    st.sampled_from(
        [
            "form.k == 'x'", "form.k != 'x'", "'y' == form.k", "form.s", "true", "false",
            "form.r.exists(q, q.c > 0)", "form.r.all(q, has(q.c) && q.c > 0)",
            "form.r.exists(q, !('c' in q) || q.c > 0)",
            "form.r.all(q, has(form.a) && form.a > q.c || !has(q.c))", "[1, 2].exists(z, form.a > z)",
        ]
    ),
)  # fmt: skip
conditions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.builds("({} && {})".format, inner, inner),
        st.builds("({} || {})".format, inner, inner),
        st.builds("!({})".format, inner),
        st.builds("({} ? {} : {})".format, inner, inner, inner),
    ),
    max_leaves=6,
)


def fails(cases, facts) -> bool:
    """Whether a branch with these cases fails for this form."""
    try:
        any(EXPRESSIONS.condition(when, facts) for when in cases)
    except ExpressionFailed:
        return True
    return False


@settings(max_examples=600, deadline=None)
@given(st.lists(conditions, min_size=1, max_size=3))
def test_what_is_not_called_unguarded_never_fails(cases) -> None:
    earlier: tuple[tuple[str, bool], ...] = ()
    asked = Expressions(FORM)  # of a document of its own: it judges so much text and no more
    for when in cases:
        assert asked.check(when, "p", "BOOL") == []
        if asked.unguarded(when, "p", earlier):
            return
        earlier = (*earlier, (when, False))
    assert not any(fails(cases, facts) for facts in EVERY_FORM)


def test_there_are_forms_enough() -> None:
    assert len(EVERY_FORM) > 30
    assert {frozenset(facts.form) & frozenset("vw") for facts in EVERY_FORM} >= {frozenset("v"), frozenset("w")}
