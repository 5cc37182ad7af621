"""Timers against people, and against each other (I21, F09, F34)."""

from collections import Counter

import pytest
from django.db import transaction

from tests.factories import approval, breaks, fresh, kinds, pending, submit, template, waiting
from tests.races.acts import LATE, person_at, say, sweep, taking_back
from tests.races.crowd import lost, race, won
from tickets.engine.walk import lock
from tickets.models import ApprovalTask, Event

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("crew")]


@pytest.mark.parametrize("action", ["approve", "veto", "escalate", {"transfer": {"user": "heidi"}}])
def test_F34_a_timeout_and_a_decision_at_once(action) -> None:
    template([person_at("a", "bob", due="1h", on_timeout=action), person_at("b", "dave")])
    for _round in range(3):
        ticket = submit()
        task = pending(ticket).pk
        outcomes = race([*[say(task, "approve", "bob", at=LATE)] * 4, *[sweep()] * 4])
        told = kinds(ticket)
        people = [outcome for outcome in outcomes[:4] if not isinstance(outcome, Exception)]
        fired = told.count("task.timed_out")
        assert len(people) + fired == 1
        assert set(lost(outcomes)) <= {"task_already_decided"}
        by_person = ApprovalTask.objects.get(pk=task).decided_by_id is not None
        assert by_person is bool(people)
        if people or action == "approve":
            assert waiting(ticket) == ["dave"]
        else:
            assert waiting(ticket) == {"veto": [], "escalate": ["carol"]}.get(str(action), ["heidi"])
        assert breaks(ticket) == []


def test_F34_a_timeout_and_a_withdrawal_at_once() -> None:
    template([person_at("a", "bob", due="1h", on_timeout="approve"), person_at("b", "dave")])
    for _round in range(3):
        ticket = submit()
        race([*[taking_back(ticket)] * 2, *[sweep()] * 4])
        assert fresh(ticket).state == "withdrawn"
        assert waiting(ticket) == []
        assert breaks(ticket) == []


def test_F09_fifty_sweeps_fire_each_timer_once() -> None:
    template([approval("a", {"role": "sre"}, due="1h", remind=["30m"], on_timeout="escalate"), person_at("b", "dave")])
    tickets = [submit() for _number in range(12)]
    outcomes = race([sweep()] * 50)
    assert len(won(outcomes)) == 50
    for kind in ("ticket.reminded", "task.timed_out"):
        fired = Event.objects.filter(kind=kind).values_list("ticket_id", flat=True)
        assert Counter(fired) == {ticket.pk: 1 for ticket in tickets}
    for ticket in tickets:
        assert waiting(ticket) == ["bob", "carol"]  # erin's manager; and as grace's are taken, the applicant's
        assert breaks(ticket) == []


def test_I21_a_wait_ends_once() -> None:
    template([{"node": "w", "type": "wait", "for": "1h"}, person_at("b", "dave")])
    ticket = submit()
    assert waiting(ticket) == []
    race([sweep()] * 10)
    assert waiting(ticket) == ["dave"]
    assert kinds(ticket).count("task.assigned") == 1
    assert breaks(ticket) == []


def test_a_ticket_that_somebody_has_locked_is_left_to_the_next_sweep() -> None:
    """The sweep waits for nobody, and the others are fired."""
    template([person_at("a", "bob", due="1h", on_timeout="remind")])
    held, other = submit(), submit()
    with transaction.atomic():
        lock(None, number=held.number)
        assert race([sweep()] * 4).count(1) == 1
        assert [kinds(ticket).count("ticket.reminded") for ticket in (held, other)] == [0, 1]
    assert won(race([sweep()])) == [1]
    assert kinds(held).count("ticket.reminded") == 1
