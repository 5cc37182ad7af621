"""A seat that is decided, handed on and added to in parallel: only one happens (I01, I04, A04, A05)."""

from collections import Counter
from datetime import timedelta

import pytest

from tests.factories import LEAVE, NOW, approval, breaks, fresh, kinds, pending, proxy, submit, template, waiting
from tests.races.acts import add_sign, person_at, reassign, remove_sign, say, taking_back, transfer
from tests.races.crowd import lost, race, won
from tickets.models import ApprovalTask

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("crew")]
DECIDED = "task_already_decided"


def one_seat():
    """A ticket that waits for bob, then for dave."""
    template([person_at("first", "bob"), person_at("second", "dave")])
    ticket = submit()
    return ticket, pending(ticket).pk


def test_A05_fifty_approve_or_transfer() -> None:
    ticket, task = one_seat()
    outcomes = race([*[say(task, "approve", "bob")] * 25, *[transfer(task, "bob", "heidi")] * 25])
    assert len(won(outcomes)) == 1
    assert Counter(lost(outcomes)) == {DECIDED: 49}
    told = kinds(ticket)
    assert told.count("task.approved") + told.count("task.transferred") == 1
    assert waiting(ticket) == (["dave"] if "task.approved" in told else ["heidi"])
    assert breaks(ticket) == []


def test_A05_fifty_approve_or_withdraw() -> None:
    ticket, task = one_seat()
    outcomes = race([*[say(task, "approve", "bob")] * 25, *[taking_back(ticket)] * 25])
    told = kinds(ticket)
    assert fresh(ticket).state == "withdrawn"
    assert waiting(ticket) == []
    assert len(won(outcomes)) == 1 + ("task.approved" in told)
    assert told.count("ticket.withdrawn") == 1
    assert set(lost(outcomes)) <= {DECIDED, "wrong_state"}
    assert breaks(ticket) == []


@pytest.mark.parametrize("position", ["before", "after", "with"])
def test_approve_or_add_a_signature(position) -> None:
    for _round in range(3):
        ticket, task = one_seat()
        outcomes = race([*[say(task, "approve", "bob")] * 4, *[add_sign(task, "bob", position, "heidi")] * 4])
        told = kinds(ticket)
        assert told.count("task.sign_added") <= 1
        assert set(lost(outcomes)) <= {DECIDED, "invalid", "wrong_state"}
        if "task.sign_added" not in told:
            assert waiting(ticket) == ["dave"]
        elif "task.approved" in told:  # added first, and the adder's own signature after it
            assert position != "before"
            assert waiting(ticket) == ["heidi"]
        else:
            assert waiting(ticket) == (["bob", "heidi"] if position != "after" else ["bob"])
        assert len(won(outcomes)) == told.count("task.sign_added") + told.count("task.approved")
        assert breaks(ticket) == []


def test_an_added_signature_is_given_or_removed() -> None:
    for _round in range(3):
        ticket, task = one_seat()
        add_sign(task, "bob", "before", "heidi")()
        added = pending(ticket, "heidi").pk
        outcomes = race([*[say(added, "approve", "heidi")] * 4, *[remove_sign(task, "bob", "heidi")] * 4])
        assert len(won(outcomes)) == 1
        told = kinds(ticket)
        assert told.count("task.approved") + told.count("task.sign_removed") == 1
        assert set(lost(outcomes)) <= {DECIDED, "invalid", "wrong_state"}
        assert waiting(ticket) == ["bob"]
        say(task, "approve", "bob")()
        assert waiting(ticket) == ["dave"]
        assert breaks(ticket) == []


def test_I04_two_seats_are_handed_to_one_person() -> None:
    template([approval("all", {"role": "sre"}, mode="all")])
    for hand in (
        lambda task, who: transfer(task, who, "heidi"),
        lambda task, who: add_sign(task, who, "with", "heidi"),
    ):
        ticket = submit()
        mine = {name: pending(ticket, name).pk for name in ("erin", "grace")}
        outcomes = race([hand(task, name) for name, task in mine.items()])
        assert len(won(outcomes)) == 1
        assert lost(outcomes) == ["invalid"]
        assert waiting(ticket).count("heidi") == 1
        assert breaks(ticket) == []


def test_approve_or_be_reassigned() -> None:
    for _round in range(3):
        ticket, task = one_seat()
        outcomes = race([*[say(task, "approve", "bob")] * 5, reassign(ticket, "first", "heidi")])
        assert len(won(outcomes)) == 1
        assert set(lost(outcomes)) <= {DECIDED, "wrong_state", "invalid"}
        assert waiting(ticket) == (["dave"] if "task.approved" in kinds(ticket) else ["heidi"])
        assert breaks(ticket) == []


def test_I04_principal_and_proxies_sign_one_seat_once() -> None:
    ticket = submit("leave", LEAVE)
    task = pending(ticket).pk
    for agent in ("dave", "erin", "frank"):
        proxy("bob", agent, NOW - timedelta(hours=1), NOW + timedelta(hours=1))
    outcomes = race([say(task, "approve", name) for name in ("bob", "dave", "erin", "frank", "bob") * 10])
    assert len(won(outcomes)) == 1
    assert Counter(lost(outcomes)) == {DECIDED: 49}
    assert ApprovalTask.objects.get(pk=task).on_behalf_of_id in (None, ApprovalTask.objects.get(pk=task).assignee_id)
    assert breaks(ticket) == []


def test_A04_one_proxy_of_two_people_signs_all_once() -> None:
    template([approval("all", {"role": "sre"}, mode="all")])
    ticket = submit()
    for principal in ("erin", "grace"):
        proxy(principal, "heidi", NOW - timedelta(hours=1), NOW + timedelta(hours=1))
    seats = [pending(ticket, name).pk for name in ("erin", "grace")]
    outcomes = race([say(task, "approve", "heidi") for task in seats * 5])
    assert len(won(outcomes)) == 1
    assert set(lost(outcomes)) == {DECIDED, "second_seat"}
    assert fresh(ticket).state == "approving"
    assert breaks(ticket) == []
