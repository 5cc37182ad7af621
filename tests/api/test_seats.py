"""Transfer, added signatures, reassignment, returns, edits over HTTP: bodies, responses, refusals (A02, A09, A37)."""

from typing import Any

import pytest

from tests.api.calls import Api, codes
from tests.factories import act, approval, fresh, pending, submit, template, waiting

pytestmark = pytest.mark.usefixtures("world")
NOTE = {"key": "note", "type": "text", "label": "N", "editable_at": ["b"]}


@pytest.fixture
def ticket():
    """Approved by bob, about to be judged by carol."""
    template(
        [approval("a", {"user": "bob"}), approval("b", {"user": "carol"}), approval("c", {"user": "dave"})], [NOTE]
    )
    return act(submit(form={"note": "old"}), "bob")


def call(ticket, verb: str, body: dict, who: str = "carol"):
    if verb == "reassign":
        return Api("admin").post(f"tickets/{ticket.number}/reassign", body)
    return Api(who).post(f"tasks/{pending(ticket, 'carol').pk}/{verb}", body)


GOOD: dict[str, dict[str, Any]] = {
    "transfer": {"users": ["erin"], "comment": "yours"},
    "add_sign": {"users": ["erin"], "position": "before", "comment": "look"},
    "reassign": {"users": ["erin"], "node": "b", "comment": "gone"},
    "return": {"comment": "again", "to": "a", "resume": "here"},
    "approve": {"form": {"note": "new"}, "comment": "typo"},
}
WAITING = {"transfer": ["erin"], "add_sign": ["carol", "erin"], "reassign": ["erin"], "return": ["bob"],
           "approve": ["dave"]}  # fmt: skip


@pytest.mark.parametrize("verb", GOOD)
def test_the_answer_is_the_ticket_as_it_is_now(ticket, verb) -> None:
    answer = call(ticket, verb, GOOD[verb])
    assert answer.status_code == 200, answer.content
    shown = answer.json()
    assert sorted(task["assignee"] for task in shown["tasks"] if task["state"] == "pending") == WAITING[verb]
    assert waiting(ticket) == WAITING[verb]
    assert shown["version"] == fresh(ticket).version


@pytest.mark.parametrize(("verb", "change", "path"), [
    ("transfer", {"users": []}, "users"),
    ("transfer", {"users": "erin"}, "users"),
    ("transfer", {"users": None}, "users"),
    ("transfer", {"users": [{}]}, "users"),
    ("transfer", {"users": ["x" * 65]}, "users"),
    ("transfer", {"users": ["erin"] * 21}, "users"),
    ("transfer", {"comment": "x" * 4001}, "comment"),
    ("transfer", {"position": "before"}, "position"),
    ("transfer", {"actor": "bob"}, "actor"),
    ("transfer", {"on_behalf_of": "bob"}, "on_behalf_of"),
    ("add_sign", {"position": ""}, "position"),
    ("add_sign", {"position": "above"}, "position"),
    ("add_sign", {"position": None}, "position"),
    ("add_sign", {"added_to": 1}, "added_to"),
    ("reassign", {"comment": ""}, "comment"),
    ("reassign", {"users": []}, "users"),
    ("reassign", {"node": ""}, "node"),
    ("reassign", {"node": "b" * 65}, "node"),
    ("return", {"comment": ""}, "comment"),
    ("return", {"resume": "there"}, "resume"),
    ("return", {"to": "x" * 65}, "to"),
    ("return", {"to": None}, "to"),
    ("return", {"form": {}}, "form"),
    ("approve", {"form": []}, "form"),
    ("approve", {"to": "a"}, "to"),
    ("approve", {"digest": "x" * 65}, "digest"),
])  # fmt: skip
def test_A02_A09_a_body_that_is_not_right(ticket, verb, change, path) -> None:
    before = fresh(ticket).event_seq
    answer = call(ticket, verb, GOOD[verb] | change)
    assert answer.status_code in (400, 422), answer.content
    assert any(found.startswith(path) for found, _code in codes(answer)), answer.content
    assert (fresh(ticket).event_seq, waiting(ticket)) == (before, ["carol"])


@pytest.mark.parametrize(("verb", "change", "error"), [
    ("transfer", {"users": ["alice"]}, ("users[0]", "not_allowed")),
    ("transfer", {"users": ["carol"]}, ("users[0]", "second_seat")),
    ("transfer", {"users": ["erin", "erin"]}, ("users[1]", "repeated_item")),
    ("transfer", {"users": ["erin", "nobody"]}, ("users[1]", "unknown_user")),
    ("add_sign", {"users": ["alice"]}, ("users[0]", "not_allowed")),
    ("reassign", {"users": ["admin"]}, ("users[0]", "not_allowed")),
    ("reassign", {"users": ["alice"]}, ("users[0]", "not_allowed")),
    ("return", {"to": "c"}, ("to", "not_reachable")),
    ("return", {"to": "b"}, ("to", "not_reachable")),
    ("approve", {"form": {"no": 1}}, ("form.no", "unknown_form_key")),
])  # fmt: skip
def test_what_is_refused_says_where(ticket, verb, change, error) -> None:
    before = fresh(ticket).event_seq
    answer = call(ticket, verb, GOOD[verb] | change)
    assert answer.status_code == 422, answer.content
    assert error in codes(answer)
    assert (fresh(ticket).event_seq, waiting(ticket)) == (before, ["carol"])


@pytest.mark.parametrize("node", ["a", "c", "none"])
def test_reassign_where_nobody_is_waited_for(ticket, node) -> None:
    answer = call(ticket, "reassign", GOOD["reassign"] | {"node": node})
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")


def test_add_sign_before_then_approve_is_a_conflict(ticket) -> None:
    call(ticket, "add_sign", GOOD["add_sign"])
    answer = call(ticket, "approve", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")
    row = next(task for task in Api("carol").get("tasks").json()["results"] if task["state"] == "pending")
    assert row["allowed_actions"] == ["return", "veto", "transfer", "add_sign", "remove_sign"]
    assert call(ticket, "remove_sign", {"users": ["erin"]}).status_code == 200
    assert call(ticket, "approve", {}).status_code == 200


def test_a_stale_page_is_told_what_is_current(ticket) -> None:
    old = fresh(ticket)
    for stale in ({"digest": "0" * 64}, {"ticket_version": old.version - 1}):
        answer = call(ticket, "approve", stale)
        assert (answer.status_code, answer.json()["code"]) == (409, "stale_version")
        assert answer.json()["digest"] == old.content.digest


def test_the_buttons_of_everybody(ticket) -> None:
    """What is allowed is what the commands accept; ticket-wide verbs are those of its tasks and one's own."""
    shown = {who: Api(who).get(f"tickets/{ticket.number}").json() for who in ("alice", "bob", "carol", "admin")}
    assert "reassign" in shown["admin"]["allowed_actions"]
    assert {"approve", "return", "veto", "transfer", "add_sign"} <= set(shown["carol"]["allowed_actions"])
    for who in ("alice", "bob"):
        assert not {"approve", "reassign", "transfer"} & set(shown[who]["allowed_actions"])
    (task,) = [task for task in shown["carol"]["tasks"] if task["state"] == "pending"]
    assert [target["node"] for target in task["return_to"]] == ["a"]
    assert task["editable"] == ["note"]
    (seen,) = [task for task in shown["alice"]["tasks"] if task["state"] == "pending"]
    assert (seen["allowed_actions"], seen["return_to"], seen["editable"]) == ([], [], [])


def test_chosen_over_http() -> None:
    template([approval("a", {"chosen_by": "applicant"})])
    api = Api("alice")
    answer = api.post("tickets", {"template": "t", "form": {}})
    assert (answer.status_code, codes(answer)) == (422, {("chosen.a", "must_choose")})
    several: list[Any] = [[], "x", {"a": "bob"}, {"a": [1, {}]}, {"a": ["x" * 65]}, {f"n{i}": [] for i in range(501)}]
    for wrong in several:
        assert api.post("tickets", {"template": "t", "form": {}, "chosen": wrong}).status_code == 422, wrong
    answer = api.post("tickets", {"template": "t", "form": {}, "chosen": {"a": ["erin"]}})
    assert answer.status_code == 201
    assert answer.json()["chosen"] == {"a": ["erin"]}
    assert [task["assignee"] for task in answer.json()["tasks"]] == ["erin"]


def test_A15_in_bulk_each_is_judged_alone(ticket) -> None:
    second = submit(form={"note": "x"})
    ids = [pending(ticket, "carol").pk, pending(second, "bob").pk, 999_999]
    rows = Api("carol").post("tasks/bulk", {"ids": ids, "action": "approve"}).json()
    assert [(row["id"], row["ok"], row.get("code")) for row in rows] == [
        (ids[0], True, None), (ids[1], False, "not_found"), (ids[2], False, "not_found"),
    ]  # fmt: skip


@pytest.mark.parametrize("action", ["transfer", "add_sign", "remove_sign", "reassign"])
def test_A15_seats_are_not_moved_in_bulk(ticket, action) -> None:
    answer = Api("carol").post("tasks/bulk", {"ids": [pending(ticket, "carol").pk], "action": action})
    assert answer.status_code == 422


def test_a_card_of_a_seat_handed_on_says_so(ticket) -> None:
    task = pending(ticket, "carol").pk
    call(ticket, "transfer", GOOD["transfer"])
    answer = Api("carol").post(f"tasks/{task}/approve", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "task_already_decided")
    assert answer.json()["decided_by"] == "carol"
