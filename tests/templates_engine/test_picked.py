"""The applicant picks the only approver before an automation: a warning, and refused for high risk."""

from typing import Any

import pytest

from templates_engine.store import commands
from templates_engine.text import localize
from tests.factories import approval, document, template

pytestmark = pytest.mark.usefixtures("world")

FORM: list[dict[str, Any]] = [
    {"key": "owner", "type": "user", "label": "O", "required": True},
    {"key": "helpers", "type": "users", "label": "H", "required": True},
    {"key": "team", "type": "department", "label": "T", "required": True},
    {"key": "name", "type": "text", "label": "N", "required": True},
    {"key": "big", "type": "switch", "label": "B"},
    {"key": "hosts", "type": "hosts", "label": "M", "required": True},
]
LOW = {
    "node": "run", "type": "automation", "action": "service.restart", "targets": "form.hosts",
    "params": {"service": "'nginx'"},
}  # fmt: skip
HIGH: dict[str, Any] = {
    "node": "high", "type": "automation", "action": "database.run_change", "targets": "form.hosts",
    "params": {"database": "'orders'", "sql": "form.name"},
}  # fmt: skip
READ = {"node": "read", "type": "automation", "action": "system.last_logins", "targets": "form.hosts"}
BOSS = approval("boss", {"manager": 1})
PICKED = approval("picked", {"form_user": "owner"})
CODE = "applicant_picks_approver"


def branch(*chains, key="way") -> dict:
    cases = [{"when": "form.big", "chain": chain} for chain in chains[:-1]]
    return {"node": key, "type": "branch", "cases": [*cases, {"otherwise": True, "chain": chains[-1]}]}


def fork(*chains, key="fork") -> dict:
    return {"node": key, "type": "parallel", "branches": [{"chain": chain} for chain in chains]}


def said(chain, **parts) -> tuple[list[str], list[str]]:
    """(paths of what is refused, paths of what is warned of)."""
    found = commands.check(document(chain, FORM, **parts))
    assert {finding.code for finding in found.errors} <= {CODE}
    return (
        [finding.path for finding in found.errors],
        [finding.path for finding in found.warnings if finding.code == CODE],
    )


def node(*rules, **parts) -> dict:
    return {"node": "picked", "type": "approval", "approvers": list(rules), **parts}


PICKS = [
    [{"form_user": "owner"}],
    [{"form_user": "helpers"}],
    [{"chosen_by": "applicant"}],
    [{"expression": "[form.owner]"}],
    [{"expression": "form.helpers"}],
    [{"expression": "form.big ? ['carol'] : [form.owner]"}],
    [{"expression": "form.helpers.filter(h, h != applicant.username)"}],
    [{"expression": "[form.name]"}],
    [{"expression": "[ticket.title]"}],
    [{"form_user": "owner"}, {"role": "dba"}],  # any of them may sign
    [{"form_user": "owner"}, {"applicant": True}],
]
BINDS = [
    [{"role": "dba"}],
    [{"manager": 1}],
    [{"role": "dba", "of": "form.team"}],  # holds a role all the same
    [{"expression": "form.big ? ['carol'] : ['bob']"}],  # the author named both
    [{"expression": "{'a': ['bob'], 'b': ['carol']}[form.big ? 'a' : 'b']"}],
    [{"expression": "['bob', 'carol'].filter(name, name != form.owner)"}],
    [{"expression": "applicant.department == 'platform' ? ['bob'] : ['carol']"}],
]


@pytest.mark.parametrize("rules", PICKS, ids=str)
def test_a_picked_approver_is_named_and_refused_where_the_risk_is_high(rules) -> None:
    assert said([node(*rules), LOW]) == ([], ["chain[0].approvers"])
    assert said([node(*rules), HIGH]) == (["chain[0].approvers"], [])
    assert said([node(*rules), READ]) == ([], [])
    assert said([node(*rules)]) == ([], [])


@pytest.mark.parametrize("rules", BINDS, ids=str)
def test_who_is_not_the_applicants_choice_binds(rules) -> None:
    assert said([node(*rules), HIGH]) == ([], [])


@pytest.mark.parametrize(
    ("rules", "parts", "binds"),
    [
        ([{"form_user": "owner"}, {"role": "dba"}], {"mode": "all"}, True),
        ([{"form_user": "owner"}, {"role": "dba"}], {"mode": "sequence"}, True),
        ([{"form_user": "owner"}, {"role": "dba"}], {"mode": {"ratio": 1}}, True),
        ([{"form_user": "owner"}, {"role": "dba"}], {"mode": "any"}, False),
        ([{"form_user": "helpers"}, {"role": "dba"}], {"mode": {"ratio": 0.5}}, False),  # he names more than half
        ([{"form_user": "owner"}, {"managers_up_to": 2}], {}, True),  # one after the other
        ([{"form_user": "owner"}, {"applicant": True}], {"mode": "all"}, False),
        ([{"form_user": "owner"}, {"form_user": "helpers"}], {"mode": "all"}, False),
        ([{"form_user": "owner"}, {"expression": "form.big ? ['carol'] : []"}], {"mode": "all"}, False),
        ([{"form_user": "owner"}, {"role": "dba", "of": "form.team"}], {"mode": "all"}, False),
        ([{"role": "dba"}], {"due": "1d", "on_timeout": {"transfer": {"form_user": "owner"}}}, False),
        ([{"role": "dba"}], {"due": "1d", "on_timeout": {"transfer": {"role": "sre"}}}, True),
    ],
    ids=str,
)
def test_a_mode_says_whether_somebody_else_must_sign(rules, parts, binds) -> None:
    assert said([node(*rules, **parts), HIGH]) == ([] if binds else ["chain[0].approvers"], [])


@pytest.mark.parametrize(
    ("chain", "refused"),
    [
        ([PICKED, BOSS, HIGH], []),
        ([BOSS, PICKED, HIGH], []),
        ([PICKED, HIGH, BOSS], ["chain[0].approvers"]),
        ([branch([BOSS], [PICKED]), HIGH], ["chain[0].cases[1].chain[0].approvers"]),
        ([PICKED, branch([BOSS], []), HIGH], ["chain[0].approvers"]),
        ([PICKED, branch([BOSS], [approval("other", {"role": "dba"})]), HIGH], []),
        ([PICKED, branch([BOSS, HIGH], [])], []),
        ([PICKED, branch([HIGH], [BOSS])], ["chain[0].approvers"]),
        ([fork([BOSS], [PICKED]), HIGH], []),
        ([fork([PICKED, HIGH], [BOSS])], ["chain[0].branches[0].chain[0].approvers"]),
        ([fork([PICKED], [approval("two", {"form_user": "owner"})]), HIGH],
         ["chain[0].branches[0].chain[0].approvers", "chain[0].branches[1].chain[0].approvers"]),
        ([{"node": "c", "type": "confirm", "assignees": [{"role": "dba"}]}, PICKED, HIGH], ["chain[1].approvers"]),
    ],
)  # fmt: skip
def test_on_every_way_somebody_else_must_sign(chain, refused) -> None:
    assert said(chain) == (refused, [])


def test_one_finding_for_an_approval_and_the_worst_of_it() -> None:
    assert said([PICKED, LOW, HIGH, {**LOW, "node": "again"}]) == (["chain[0].approvers"], [])


def test_the_words_name_the_approval_and_what_runs() -> None:
    (finding,) = commands.check(document([PICKED, HIGH], FORM)).errors
    for words in (finding.message["zh"], finding.message["en"]):
        assert "picked" in words
        assert "high" in words
    assert localize(finding.suggestion, "zh")
    assert localize(finding.suggestion, "en")


class TestSubtickets:
    """A job in a sub-ticket counts with the approvals of both, and with what the parent hands over."""

    @pytest.fixture(autouse=True)
    def _children(self) -> None:
        fields = [{"key": "who", "type": "user", "label": "W", "required": True}, FORM[-1]]
        template([approval("there", {"form_user": "who"}), LOW], fields, key="child")
        template(
            [approval("there", {"manager": 1}), {**HIGH, "params": {**HIGH["params"], "sql": "'x'"}}],
            fields,
            key="bound",
        )

    def opened(self, who, key="child", **parts) -> dict:
        return {
            "node": "open",
            "type": "subticket",
            "template": key,
            "form": {"who": who, "hosts": "form.hosts"},
            **parts,
        }

    def test_both_are_picked(self) -> None:
        assert said([PICKED, self.opened("form.owner")]) == ([], ["chain[0].approvers", "chain[1].template"])

    def test_an_element_of_what_he_filled_in(self) -> None:
        chain = [self.opened("item", for_each="form.helpers")]
        assert said(chain) == ([], ["chain[0].template"])
        assert said([self.opened("item", for_each="['bob', 'carol']")]) == ([], [])

    def test_the_parent_names_who_signs_below(self) -> None:
        assert said([PICKED, self.opened("'carol'")]) == ([], [])

    def test_somebody_binds_above_or_below(self) -> None:
        assert said([BOSS, self.opened("form.owner")]) == ([], [])
        assert said([PICKED, self.opened("form.owner", key="bound")]) == ([], [])
