"""Approving something that runs: with the digest shown, and singly for high risk (I05, I15, A25)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.api.calls import Api, script
from tests.factories import (
    HOST,
    HOSTS,
    LEAVE,
    NOW,
    act,
    approval,
    begin,
    finish,
    fresh,
    last_event,
    parallel,
    pending,
    proxy,
    restart,
    submit,
    template,
    user,
)

pytestmark = pytest.mark.usefixtures("world")
BOB = approval("a", {"user": "bob"})
CONFIRM = {"node": "c", "type": "confirm", "assignees": [{"user": "bob"}]}
GRANT = {"node": "run", "type": "automation", "action": "user.grant_access", "targets": "form.hosts",
         "params": {"account": "'deploy'"}}  # fmt: skip


def low(*more):
    """A ticket that would restart a service on a host."""
    template([BOB, restart(), *more], [HOSTS])
    return submit(form=HOST)


def high():
    """A ticket that would give access to a host."""
    template([BOB, GRANT], [HOSTS], key="high")
    return submit("high", HOST)


def parent(child):
    """A ticket whose sub-ticket would run what this one runs."""
    template([BOB, {"node": "sub", "type": "subticket", "template": child.template_version.template.key,
                    "form": {"hosts": "form.hosts"}}], [HOSTS], key="parent")  # fmt: skip
    return submit("parent", HOST)


def bulk(action: str = "approve", *, who: str = "bob", comment: str = "x", **lists) -> list[str]:
    """What becomes of each: `ok` or a code."""
    answer = Api(who).post("tasks/bulk", {"action": action, "comment": comment, **lists})
    assert answer.status_code == 200, answer.content
    return ["ok" if row["ok"] else row["code"] for row in answer.json()]


def seen(ticket, digest: str = "") -> dict:
    """An item of a bulk: the task with what was shown of it."""
    return {"id": pending(ticket).pk, "digest": digest or ticket.content.digest, "ticket_version": ticket.version}


@pytest.mark.parametrize("nested", [False, True], ids=["its own", "its sub-ticket's"])
def test_I05_a_bulk_signs_no_plan_that_nobody_saw(nested) -> None:
    ticket = parent(low()) if nested else low()
    assert bulk(ids=[pending(ticket).pk]) == ["digest_required"]
    assert bulk(items=[{"id": pending(ticket).pk}]) == ["digest_required"]
    assert bulk(items=[seen(ticket, "0" * 64)]) == ["stale_version"]
    assert bulk(items=[seen(ticket) | {"ticket_version": ticket.version + 1}]) == ["stale_version"]
    assert fresh(ticket).state == "approving"
    assert bulk(items=[seen(ticket)]) == ["ok"]
    assert last_event(ticket, "task.approved")["digest"] == ticket.content.digest


@pytest.mark.parametrize("nested", [False, True], ids=["its own", "its sub-ticket's"])
def test_A25_high_risk_is_approved_one_by_one(nested) -> None:
    ticket = parent(high()) if nested else high()
    assert bulk(items=[seen(ticket)]) == bulk(ids=[pending(ticket).pk]) == ["one_by_one"]
    assert fresh(ticket).state == "approving"
    answer = Api("bob").post(f"tasks/{pending(ticket).pk}/approve", {"digest": ticket.content.digest})
    assert answer.status_code == 200


def test_A15_each_of_a_bulk_is_judged_by_what_it_would_run() -> None:
    leave, some, many = submit("leave", LEAVE), low(), high()
    ids = [pending(ticket).pk for ticket in (many, leave, some)]
    assert bulk(ids=ids) == ["one_by_one", "ok", "digest_required"]


@pytest.mark.parametrize(("action", "state"), [("return", "returned"), ("veto", "vetoed")])
@pytest.mark.parametrize("made", [low, high])
def test_a_refusal_needs_no_digest(made, action, state) -> None:
    """It lets nothing run, and must stay easy."""
    ticket = made()
    assert bulk(action, ids=[pending(ticket).pk]) == ["ok"]
    assert fresh(ticket).state == state


def test_a_result_is_confirmed_in_bulk_once_the_job_has_run() -> None:
    ticket = low(CONFIRM)
    act(ticket, "bob")
    begin(ticket)
    finish(ticket)
    (row,) = Api("bob").get("tickets", box="todo").json()["results"]
    assert (row["my_tasks"][0]["plans"], row["my_tasks"][0]["one_by_one"]) == ([], False)
    assert bulk("confirm", ids=[pending(ticket).pk]) == ["ok"]


def test_I05_a_confirmation_before_the_job_is_a_yes_like_any_other() -> None:
    template([BOB, CONFIRM, restart()], [HOSTS])
    ticket = submit(form=HOST)
    act(ticket, "bob")
    assert bulk("confirm", ids=[pending(ticket).pk]) == ["digest_required"]
    assert bulk("confirm", items=[seen(ticket)]) == ["ok"]


def test_a_branch_that_runs_already_holds_nobody_up() -> None:
    """bob's step beside it lets nothing more run; dave's does."""
    template(
        [parallel("fork", [approval("a", {"user": "dave"}), restart()], [approval("b", {"user": "bob"})])], [HOSTS]
    )
    ticket = submit(form=HOST)
    assert bulk(ids=[pending(ticket, "bob").pk]) == ["digest_required"]
    act(ticket, "dave")
    assert bulk(ids=[pending(ticket, "bob").pk]) == ["ok"]


def test_a_single_yes_of_a_script_may_leave_out_the_digest() -> None:
    """What is given must be current; what is not given is what the lock found, and the trail holds it."""
    ticket = low()
    client, headers = script("bob")
    path = f"/api/v1/tasks/{pending(ticket).pk}/approve"
    stale = client.post(path, {"digest": "0" * 64}, content_type="application/json", headers=headers)
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")
    assert client.post(path, {}, content_type="application/json", headers=headers).status_code == 200
    assert last_event(ticket, "task.approved")["digest"] == ticket.content.digest


@pytest.mark.parametrize(
    ("lists", "path", "code"),
    [
        ({}, "items", "required"),
        ({"ids": [1], "items": [{"id": 1}]}, "items", "required"),
        ({"items": [{"id": 1}, {"id": 1, "digest": "d"}]}, "items", "named_twice"),
        ({"items": [{"digest": "d"}]}, "items[0].id", "required"),
        ({"items": [{"id": 1}, {"id": 2, "digest": 5 * "x" * 13}]}, "items[1].digest", "max_length"),
        ({"items": [{"id": 1, "actor": "carol"}]}, "items[0].actor", "unknown_key"),
        ({"items": []}, "items", "empty"),
    ],
)
def test_a_bulk_that_cannot_be_read(lists, path, code) -> None:
    answer = Api("bob").post("tasks/bulk", {"action": "approve", **lists})
    assert answer.status_code in (400, 422)
    assert (path, code) in {(found["path"], found["code"]) for found in answer.json()["errors"]}


def test_a_row_shows_what_its_yes_would_sign() -> None:
    ticket, risky = low(), high()
    rows = {row["number"]: row["my_tasks"][0] for row in Api("bob").get("tickets", box="todo").json()["results"]}
    plan = ticket.content.plans["run"]
    (shown,) = rows[ticket.number]["plans"]
    assert (shown["action"], shown["hosts"], shown["digest"]) == ("service.restart", ["demo-01"], plan["digest"])
    assert (shown["risk"], shown["subticket"]) == ("low", None)
    assert "nginx" in shown["command"][0]["en"]
    assert (rows[ticket.number]["digest"], rows[ticket.number]["one_by_one"]) == (ticket.content.digest, False)
    assert rows[risky.number]["one_by_one"] is True


def test_I12_row_and_page_show_what_the_sub_tickets_would_run() -> None:
    """Who signs the parent signs them: until they are there and show it themselves."""
    ticket = parent(low())
    bob = Api("bob")
    (row,) = bob.get("tickets", box="todo", q=ticket.number).json()["results"]
    page = bob.get(f"tickets/{ticket.number}").json()
    title = ticket.content.children["sub"][0]["title"]
    assert [(plan["action"], plan["subticket"]) for plan in row["my_tasks"][0]["plans"]] == [("service.restart", title)]
    assert [(plan["action"], plan["subticket"]) for plan in page["plans"]] == [("service.restart", title)]
    act(ticket, "bob")
    assert bob.get(f"tickets/{ticket.number}").json()["plans"] == []


@pytest.mark.parametrize("nested", [False, True], ids=["its own", "its sub-ticket's"])
def test_I23_what_a_step_hides_is_in_no_plan_of_row_or_page(nested) -> None:
    """Nor in what the sub-ticket is called. An approval shows what it signs; a confirmation before it need not."""
    hidden = {**HOSTS, "hidden_at": ["c"]}
    template([approval("x", {"user": "dave"}), restart()], [HOSTS], key="child")
    sub = {"node": "sub", "type": "subticket", "template": "child", "title": "form.hosts[0]",
           "form": {"hosts": "form.hosts"}}  # fmt: skip
    template([CONFIRM, approval("a", {"user": "carol"}), sub if nested else restart()], [hidden])
    ticket = submit(form=HOST)
    for path in (f"tickets?box=todo&q={ticket.number}", "tickets?box=all", f"tickets/{ticket.number}"):
        answer = Api("bob").get(path).content.decode()
        assert "service.restart" in answer
        assert "demo-01" not in answer, path
    for other in ("alice", "admin"):
        assert "demo-01" in Api(other).get(f"tickets/{ticket.number}").content.decode()


def test_a_proxys_row_is_as_whole_as_his_principals() -> None:
    now = timezone.now()
    proxy("bob", "carol", now - timedelta(hours=1), now + timedelta(hours=1))
    template([BOB, restart()], [HOSTS])
    ticket = submit(form=HOST, at=NOW)
    (row,) = Api("carol").get("tickets", box="todo").json()["results"]
    assert (row["my_tasks"][0]["acting_for"], row["my_tasks"][0]["acting_for_name"]) == ("bob", user("bob").name)
    assert [plan["hosts"] for plan in row["my_tasks"][0]["plans"]] == [["demo-01"]]
    assert bulk(who="carol", items=[seen(ticket)]) == ["ok"]
