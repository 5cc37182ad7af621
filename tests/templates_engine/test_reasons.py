"""A case that is never taken gets the true reason, and no other."""

import pytest

from templates_engine.language.closed import is_of_closed_values
from templates_engine.text import localize
from tests.factories import approval
from tests.templates_engine.test_proofs import WHO, check

FORM = [
    {"key": "n", "type": "number", "label": "N", "min": 0, "max": 50, "required": True},
    {"key": "m", "type": "number", "label": "M", "required": True},
    {"key": "kind", "type": "select", "label": "K", "options": ["a", "b"], "required": True},
    {"key": "tags", "type": "multiselect", "label": "T", "options": ["x", "y"], "required": True},
    {"key": "on", "type": "switch", "label": "S"},
]
COVERED, ITSELF, NOT_ALLOWED, NOT_HERE = "comes first", "contradicts itself", "the form allows", "lead to this branch"


def branch(node, *conditions) -> dict:
    cases = [{"when": when, "chain": []} for when in conditions]
    return {"node": node, "type": "branch", "cases": [*cases, {"otherwise": True, "chain": []}]}


def reasons(*chains) -> list[str]:
    """Why cases are never taken, in English."""
    found = check([*chains, approval("end", WHO)], FORM).errors
    for finding in found:
        assert finding.message["zh"]
        assert localize(finding.suggestion, "zh")
    return [finding.message["en"] for finding in found if not is_of_closed_values(finding)]


@pytest.mark.parametrize(
    ("conditions", "reason"),
    [
        (["form.m > 5", "form.m > 9"], COVERED),
        (["form.on", "form.on"], COVERED),
        (["form.m > 5 && form.m < 3"], ITSELF),
        (["form.on && !form.on"], ITSELF),
        (["form.kind == 'a' && form.kind == 'b'"], ITSELF),
        (["form.m > 5", "form.m > 9 && form.m < 7"], ITSELF),
        (["form.m > 5 && form.m < 3", "form.m > 5 && form.m < 3"], ITSELF),  # said twice, and true neither time
        (["form.n > 60"], NOT_ALLOWED),
        (["form.n > 10", "form.n > 60"], NOT_ALLOWED),
        (["form.kind == 'c'"], NOT_ALLOWED),
        (["size(form.tags) == 0"], NOT_ALLOWED),
        (["size(form.tags) > 2"], NOT_ALLOWED),
    ],
)
def test_the_true_reason(conditions, reason) -> None:
    said = reasons(branch("b", *conditions))
    assert said
    assert reason in said[-1]


def test_a_case_that_the_branches_around_it_rule_out() -> None:
    inner = branch("inner", "form.m < 3")
    outer = branch("outer", "form.m > 5")
    outer["cases"][0]["chain"] = [inner]
    (said,) = reasons(outer)
    assert NOT_HERE in said


def test_the_case_that_takes_it_is_named() -> None:
    cases = branch("b", "form.m > 5", "form.m > 9")
    cases["cases"][0]["name"] = "Large"
    (said,) = reasons(cases)
    assert "case 1 (Large) comes first" in said
