"""Branches that finish, return and end in parallel: they join once (I01, I08, A05)."""

from typing import Any

import pytest

from accounts.models import User
from tests.factories import NOW, approval, breaks, fresh, kinds, pending, submit, template, user, waiting
from tests.races.acts import person_at, say
from tests.races.crowd import lost, race, won
from tickets.models import NodeVisit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("crew")]
FORK = {
    "node": "fork", "type": "parallel",
    "branches": [{"chain": [person_at("left", "bob")]}, {"chain": [person_at("right", "dave")]}],
}  # fmt: skip
CHAIN = [person_at("before", "heidi"), FORK, person_at("behind", "carol")]


def forked():
    """A ticket that waits for both branches."""
    template(CHAIN)
    ticket = submit()
    say(pending(ticket).pk, "approve", "heidi")()
    assert waiting(ticket) == ["bob", "dave"]
    return ticket, pending(ticket, "bob").pk, pending(ticket, "dave").pk


def test_both_branches_finish_at_once_and_join_once() -> None:
    for _round in range(4):
        ticket, left, right = forked()
        outcomes = race([*[say(left, "approve", "bob")] * 3, *[say(right, "approve", "dave")] * 3])
        assert len(won(outcomes)) == 2
        assert set(lost(outcomes)) == {"task_already_decided"}
        assert waiting(ticket) == ["carol"]
        assert NodeVisit.objects.filter(ticket=ticket, node="behind").count() == 1
        assert breaks(ticket) == []


def test_twenty_branches_and_sixty_contenders_join_once() -> None:
    names = [f"p{number:02}" for number in range(20)]
    User.objects.bulk_create(User(username=name, name=name) for name in names)
    branches = [{"chain": [person_at(f"n-{name}", name)]} for name in names]
    template([{"node": "fork", "type": "parallel", "branches": branches}, person_at("behind", "carol")])
    ticket = submit()
    mine = [(pending(ticket, name).pk, name) for name in names]
    outcomes = race([say(task, "approve", name) for task, name in mine * 3])
    assert len(won(outcomes)) == 20
    assert lost(outcomes) == ["task_already_decided"] * 40
    assert waiting(ticket) == ["carol"]
    assert kinds(ticket).count("task.approved") == 20
    assert NodeVisit.objects.filter(ticket=ticket, node="behind").count() == 1
    assert breaks(ticket) == []


@pytest.mark.parametrize("resume", ["restart", "here"])
def test_a_return_before_the_fork_against_the_other_branch(resume) -> None:
    for _round in range(3):
        ticket, left, right = forked()
        going_back = say(left, "return", "bob", comment="x", to="before", resume=resume)
        outcomes = race([going_back, say(right, "approve", "dave")])
        told = kinds(ticket)
        assert told.count("task.returned") == 1
        assert len(won(outcomes)) == told.count("task.approved")  # heidi's, and dave's where he was faster
        assert set(lost(outcomes)) <= {"task_already_decided"}
        assert waiting(ticket) == ["heidi"]
        say(pending(ticket).pk, "approve", "heidi")()
        asked_again = ["bob"] if resume == "here" and told.count("task.approved") == 2 else ["bob", "dave"]
        assert waiting(ticket) == asked_again
        assert breaks(ticket) == []


def test_a_veto_against_the_other_branch() -> None:
    for _round in range(3):
        ticket, left, right = forked()
        outcomes = race([say(left, "veto", "bob", comment="x"), say(right, "approve", "dave")])
        assert fresh(ticket).state == "vetoed"
        assert waiting(ticket) == []
        assert len(won(outcomes)) == kinds(ticket).count(
            "task.approved"
        )  # heidi's before; now bob's no, and dave's yes
        assert set(lost(outcomes)) <= {"task_already_decided"}
        assert not NodeVisit.objects.filter(ticket=ticket, state="open").exists()
        assert breaks(ticket) == []


def test_the_last_of_all_against_a_return_of_the_other() -> None:
    template([approval("all", {"role": "sre"}, mode="all"), person_at("behind", "carol")])
    for _round in range(3):
        ticket = submit()
        mine = {name: pending(ticket, name).pk for name in ("erin", "grace")}
        outcomes = race([say(mine["erin"], "approve", "erin"), say(mine["grace"], "return", "grace", comment="x")])
        assert fresh(ticket).state == "returned"
        assert len(won(outcomes)) == 1 + kinds(ticket).count("task.approved")
        assert set(lost(outcomes)) <= {"task_already_decided"}
        assert breaks(ticket) == []


def test_A06_a_decision_against_an_edit_of_what_it_was_made_on() -> None:
    """grace changes what will happen; whatever erin says at that moment is not taken for the new content."""
    form = [{"key": "n", "type": "number", "label": "N", "required": True, "editable_at": ["all"]}]
    way = {
        "node": "way", "type": "branch",
        "cases": [{"when": "form.n > 5", "chain": [person_at("big", "dave")]}, {"otherwise": True, "chain": []}],
    }  # fmt: skip
    template([way, approval("all", {"role": "sre"}, mode="all")], form)
    for _round in range(4):
        ticket = submit(form={"n": 1})
        mine = {name: pending(ticket, name).pk for name in ("erin", "grace")}
        shown: dict[str, Any] = {"digest": fresh(ticket).content.digest, "ticket_version": fresh(ticket).version}
        outcomes = race(
            [say(mine["erin"], "approve", "erin", **shown), say(mine["grace"], "approve", "grace", form={"n": 9})]
        )
        assert len(won(outcomes)) in (1, 2)
        assert set(lost(outcomes)) <= {"stale_version", "task_already_decided"}
        now = fresh(ticket)
        assert (now.content.number, now.content.form["n"]) == (2, 9)
        assert waiting(ticket) == ["dave"]
        say(pending(ticket).pk, "approve", "dave", at=NOW)()
        assert "grace" not in waiting(ticket)  # she edited what will be decided (I03)
        assert user("erin").username in waiting(ticket)
        assert breaks(ticket) == []
