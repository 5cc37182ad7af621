"""Who would act, before a ticket exists."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import translation

from accounts.models import Role
from accounts.organisation.people import Organisation, person
from accounts.organisation.people import facts as known
from templates_engine.language.expressions import Facts
from templates_engine.program.route import route
from templates_engine.store import queries
from templates_engine.store.programs import load
from tests.factories import LEAVE, NOW, approval, proxy, submit, template, user, waiting

pytestmark = pytest.mark.usefixtures("world")


def simulate(key, form, applicant="alice", **more):
    return queries.simulate(queries.version_of(key, None).pk, form=form, applicant=user(applicant), **more)


def steps(found) -> list[tuple[str, list[str]]]:
    return [(step["node"], step["assignees"]) for step in found["path"]]


def test_the_way_depends_on_the_values() -> None:
    assert steps(simulate("leave", LEAVE)) == [("leader", ["bob"]), ("tell", ["bob"])]
    assert steps(simulate("leave", {**LEAVE, "days": 5})) == [
        ("leader", ["bob"]),
        ("head", ["carol"]),
        ("tell", ["bob"]),
    ]


def test_unfinished_values_are_said_not_raised() -> None:
    found = simulate("leave", {})
    assert {"form.kind", "form.from", "form.days"} <= {finding["path"] for finding in found["errors"]}
    assert steps(found) == [("leader", ["bob"])]  # up to the branch that nobody can judge yet


@pytest.mark.parametrize("form", [{"kind": []}, {"days": "x"}, {"x": 1}, {"from": 5}, {"kind": "\ud800"}])
def test_hostile_values_are_said_not_raised(form) -> None:
    assert simulate("leave", form)["errors"]


def test_which_fields_are_shown() -> None:
    assert "reason" not in simulate("leave", LEAVE)["visible"]
    assert "reason" in simulate("leave", {**LEAVE, "kind": "sick"})["visible"]


def test_nobody_and_the_system_are_said() -> None:
    Role.objects.create(key="empty")
    nobody = approval("none", {"role": "empty"}, on_empty="block")
    template([nobody, approval("own", {"applicant": True}, on_self="approve")], key="odd")
    first, second = simulate("odd", {})["path"]
    assert (first["blocked"], first["assignees"]) == (True, [])
    assert (second["blocked"], second["assignees"]) == (False, [])
    assert second["reason"]


def cc(key: str, *rules: dict) -> dict:
    return {"node": key, "type": "cc", "to": list(rules) or [{"applicant": True}]}


def fork(key: str, **branches: list[dict]) -> dict:
    named = [{"name": {"zh": name, "en": name.title()}, "chain": chain} for name, chain in branches.items()]
    return {"node": key, "type": "parallel", "branches": named}


def test_a_fork_is_a_step_followed_by_its_branches() -> None:
    inner = fork("q", one=[cc("c")], two=[])
    template([cc("a"), fork("p", left=[cc("b"), inner, cc("d")], right=[approval("e", {"manager": 1})]), cc("f")])
    with translation.override("en"):
        path = simulate("t", {})["path"]
    assert [(step["node"], step["type"]) for step in path] == [
        ("a", "cc"), ("p", "parallel"), ("b", "cc"), ("q", "parallel"), ("c", "cc"), ("d", "cc"),
        ("e", "approval"), ("f", "cc"),
    ]  # fmt: skip
    within = {step["node"]: step["within"] for step in path}
    left = {"fork": "p", "branch": 0, "name": "Left"}
    assert within["a"] == within["p"] == within["f"] == []
    assert within["b"] == within["q"] == within["d"] == [left]
    assert within["c"] == [left, {"fork": "q", "branch": 0, "name": "One"}]
    assert within["e"] == [{"fork": "p", "branch": 1, "name": "Right"}]


def test_from_inside_a_branch_the_way_goes_over_the_join() -> None:
    version = template([fork("p", left=[cc("a"), cc("b")], right=[cc("c")]), cc("d")])
    facts = Facts({}, known(user("alice")), {"priority": "normal", "title": ""})

    def nodes(start):
        return [step.node for step in route(load(version.pk), facts, person(user("alice")), Organisation(), start)]

    assert nodes("b") == ["b", "d"]
    assert nodes("p/join") == ["d"]
    assert nodes("p") == nodes(None) == ["p", "a", "b", "c", "d"]


def test_an_expression_that_fails_in_a_branch_ends_the_path_there() -> None:
    choice = {
        "node": "b", "type": "branch",
        "cases": [{"when": "1 / size(filled) > 0", "chain": []}, {"otherwise": True, "chain": []}],
    }  # fmt: skip
    template([fork("p", left=[cc("a"), choice], right=[cc("c")])], [{"key": "n", "type": "number", "label": "N"}])
    found = simulate("t", {})
    assert [step["node"] for step in found["path"]] == ["p", "a"]
    assert [finding["code"] for finding in found["errors"]] == ["expression_failed"]


class TestChosen:
    """People whom the applicant chooses."""

    @pytest.fixture(autouse=True)
    def _template(self, world):
        template(
            [
                approval("pick", {"chosen_by": "applicant"}),
                approval("both", {"chosen_by": "applicant"}, {"role": "dba"}),
                {"node": "do", "type": "confirm", "assignees": [{"chosen_by": "applicant"}]},
                approval("plain", {"manager": 1}),
            ]
        )

    def paths(self, found) -> list[tuple[str, str]]:
        return [(finding["code"], finding["path"]) for finding in found["errors"]]

    def test_what_is_to_be_chosen_is_said(self) -> None:
        found = simulate("t", {})
        assert [step["choose"] for step in found["path"]] == [True, True, True, False]
        assert steps(found) == [("pick", []), ("both", ["dave"]), ("do", []), ("plain", ["bob"])]
        assert not any(step["blocked"] for step in found["path"])
        assert self.paths(found) == [
            ("must_choose", "chosen.pick"), ("must_choose", "chosen.both"), ("must_choose", "chosen.do"),
        ]  # fmt: skip

    def test_who_was_chosen_acts(self) -> None:
        found = simulate("t", {}, chosen={"pick": ["carol", "erin"], "both": ["erin"], "do": ["alice"]})
        assert steps(found)[:3] == [("pick", ["carol", "erin"]), ("both", ["erin", "dave"]), ("do", ["alice"])]
        assert found["errors"] == []

    @pytest.mark.parametrize(
        ("chosen", "expected"),
        [
            ({"pick": ["alice", "carol"]}, ("not_yourself", "chosen.pick")),
            ({"pick": ["carol", "nobody"]}, ("unknown_user", "chosen.pick[1]")),
            ({"plain": ["carol"]}, ("nothing_to_choose", "chosen.plain")),
            ({"nowhere": ["carol"]}, ("nothing_to_choose", "chosen.nowhere")),
            ({"pick": []}, ("must_choose", "chosen.pick")),
            ({"pick": ["x"] * 201}, ("too_many_items", "chosen.pick")),
        ],
    )
    def test_I03_a_choice_that_does_not_do(self, chosen, expected) -> None:
        assert expected in self.paths(simulate("t", {}, chosen=chosen))

    def test_through_the_api(self, client) -> None:
        client.force_login(user("alice"))
        body = {"form": {}, "chosen": {"pick": ["carol"]}}
        answer = client.post("/api/v1/templates/t/simulate", body, content_type="application/json")
        assert answer.status_code == 200
        first = answer.json()["path"][0]
        assert (first["assignees"], first["choose"], first["within"]) == (["carol"], True, [])
        bad = client.post("/api/v1/templates/t/simulate", {"form": {}, "chosen": {"pick": "carol"}}, "application/json")
        assert bad.status_code == 422


def test_every_node_type_has_a_step() -> None:
    hook = {"node": "h", "type": "webhook", "url": "https://example.com/"}
    opens = {"node": "s", "type": "subticket", "template": "dns-record", "form": {}}
    template([approval("x", {"manager": 1})], key="dns-record")
    template([{"node": "w", "type": "wait", "for": "1h"}, hook, opens])
    assert [(step["node"], step["type"], step["assignees"]) for step in simulate("t", {})["path"]] == [
        ("w", "wait", []), ("h", "webhook", []), ("s", "subticket", []),
    ]  # fmt: skip


def test_the_simulation_is_what_happens() -> None:
    for days in (1, 5):
        form = {**LEAVE, "days": days}
        ticket = submit("leave", form)
        assert waiting(ticket) == steps(simulate("leave", form))[0][1]


def test_it_says_what_must_be_filled_in_for_these_values() -> None:
    form: list[dict[str, Any]] = [
        {"key": "big", "type": "switch", "label": "B"},
        {"key": "why", "type": "text", "label": "W", "required_when": "form.big"},
        {"key": "how", "type": "text", "label": "H", "required": True, "visible_when": "form.big"},
    ]
    template([approval("x", {"manager": 1})], form)
    assert simulate("t", {})["required"] == []
    assert simulate("t", {"big": True, "why": "so", "how": "so"})["required"] == ["why", "how"]


@pytest.mark.parametrize(("hours", "agents"), [(-1, []), (0, ["carol"]), (1, [])])
def test_I11_it_names_the_proxies_of_that_moment(hours, agents) -> None:
    proxy("bob", "carol", NOW, NOW + timedelta(hours=1))
    found = simulate("leave", LEAVE, at=NOW + timedelta(hours=hours))
    assert [entry["agent"] for entry in found["path"][0]["agents"]] == agents
    assert ("carol" in found["people"]) is bool(agents)


def test_I09_a_ticket_asks_of_the_version_it_was_handed_in_under(client) -> None:
    first = template([approval("old", {"manager": 1})])
    template([approval("new", {"user": "carol"})])
    client.force_login(user("alice"))
    for version, node in ((first.number, "old"), (None, "new")):
        body = {"form": {}, **({"version": version} if version else {})}
        answer = client.post("/api/v1/templates/t/simulate", body, content_type="application/json")
        assert [step["node"] for step in answer.json()["path"]] == [node]
