"""Parallel decisions: one wins, the others are refused, one event exists (I01, I06, I14, I17, A05, F09, F31)."""

from collections import Counter

import pytest
from django.db import transaction

from tests.factories import (
    LEAVE,
    NGINX,
    NOW,
    act,
    approval,
    automation_visit,
    breaks,
    fresh,
    kinds,
    pending,
    submit,
    template,
    user,
    waiting,
)  # fmt: skip
from tests.races.acts import say, taking_back
from tests.races.crowd import lost, race, won
from tickets import ports
from tickets.background.dispatch import dispatch
from tickets.commands import execution, talk
from tickets.commands.decide import decide, in_lock_order
from tickets.commands.submit import create, resubmit
from tickets.errors import TaskAlreadyDecided
from tickets.models import ApprovalTask, Event, Outbox, Ticket

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("crew")]
HOSTS = {"key": "hosts", "type": "hosts", "label": "H", "required": True}


def test_A05_fifty_on_one_task() -> None:
    ticket = submit("leave", LEAVE)
    task = pending(ticket).pk
    channels = ["web", "card", "h5", "api"]
    outcomes = race([say(task, "approve", "bob", channels[i % 4]) for i in range(50)])
    assert len(won(outcomes)) == 1
    assert Counter(lost(outcomes)) == {"task_already_decided": 49}
    assert {outcome.extra["decided_by"] for outcome in outcomes if isinstance(outcome, TaskAlreadyDecided)} == {"bob"}
    told = kinds(ticket)
    assert told.count("task.approved") == told.count("node.closed") - 1 == told.count("ticket.completed") == 1
    assert Outbox.objects.filter(event__ticket=ticket).count() == len(told)
    assert breaks(ticket) == []


def test_A05_approve_and_veto_and_return_at_once() -> None:
    for _round in range(3):
        ticket = submit("leave", LEAVE)
        task = pending(ticket).pk
        outcomes = race([say(task, verb, "bob") for verb in ("approve", "veto", "return") * 4])
        assert len(won(outcomes)) == 1
        assert set(lost(outcomes)) == {"task_already_decided"}
        decided = [kind for kind in kinds(ticket) if kind in ("task.approved", "task.vetoed", "task.returned")]
        assert len(decided) == 1
        assert (
            fresh(ticket).state == {"approved": "completed", "vetoed": "vetoed", "returned": "returned"}[decided[0][5:]]
        )
        assert breaks(ticket) == []


def test_two_deciders_of_any() -> None:
    template([approval("any", {"role": "sre"}), approval("next", {"role": "dba"})])
    ticket = submit()
    seats = {name: pending(ticket, name).pk for name in ("erin", "grace")}
    outcomes = race([say(seats[name], "approve", name) for name in ("erin", "grace") * 5])
    assert len(won(outcomes)) == 1
    assert kinds(ticket).count("task.approved") == 1
    assert waiting(ticket) == ["dave"]
    assert breaks(ticket) == []


def test_the_last_two_of_all() -> None:
    template([approval("all", {"role": "sre"}, mode="all"), approval("next", {"role": "dba"})])
    for _round in range(3):
        ticket = submit()
        seats = {name: pending(ticket, name).pk for name in ("erin", "grace")}
        outcomes = race([say(seats[name], "approve", name) for name in seats])
        assert len(won(outcomes)) == 2
        assert waiting(ticket) == ["dave"]
        assert kinds(ticket).count("node.opened") == 2
        assert breaks(ticket) == []


def test_decide_or_withdraw() -> None:
    for _round in range(3):
        ticket = submit("leave", LEAVE)
        task = pending(ticket).pk
        take_back = [taking_back(ticket)] * 3
        outcomes = race([*[say(task, "approve", "bob")] * 3, *take_back])
        assert len(won(outcomes)) == 1
        assert set(lost(outcomes)) <= {"task_already_decided", "wrong_state"}
        told = kinds(ticket)
        assert ("task.approved" in told) != ("ticket.withdrawn" in told)
        assert fresh(ticket).state in ("completed", "withdrawn")
        assert breaks(ticket) == []


def about_to_run() -> Ticket:
    ticket = submit("nginx-config-sync", NGINX)
    act(ticket, "bob")
    return act(ticket, "dave")


def test_F31_withdraw_or_begin() -> None:
    for _round in range(4):
        ticket = about_to_run()
        visit = automation_visit(ticket).pk
        outcomes = race([lambda v=visit: execution.begin(visit_id=v, job_id=1, at=NOW), taking_back(ticket)])
        assert len(won(outcomes)) == 1
        told = kinds(ticket)
        assert ("job.started" in told) != ("ticket.withdrawn" in told)
        assert lost(outcomes) == (["already_running"] if "job.started" in told else ["wrong_state"])
        assert breaks(ticket) == []


def test_I14_ten_workers_begin_one_run() -> None:
    ticket = about_to_run()
    visit = automation_visit(ticket).pk
    outcomes = race([lambda job=job: execution.begin(visit_id=visit, job_id=job, at=NOW) for job in range(10)])
    assert len(won(outcomes)) == 1
    assert Counter(lost(outcomes)) == {"already_running": 9}
    assert kinds(ticket).count("job.started") == 1


def test_ten_settle_one_run() -> None:
    ticket = about_to_run()
    visit = automation_visit(ticket).pk
    execution.begin(visit_id=visit, job_id=1, at=NOW)

    def end(ok: bool):
        return lambda: execution.settle(visit_id=visit, job_id=1, at=NOW, ok=ok, outcome="x", hosts={})

    assert len(won(race([end(i % 2 == 0) for i in range(10)]))) == 10
    assert kinds(ticket).count("job.finished") == 1
    assert breaks(ticket) == []


def test_rerun_or_resolve() -> None:
    ticket = about_to_run()
    visit, erin = automation_visit(ticket).pk, user("erin")
    execution.begin(visit_id=visit, job_id=1, at=NOW)
    execution.settle(visit_id=visit, job_id=1, at=NOW, ok=False, outcome="failed", hosts={})
    outcomes = race(
        [
            lambda command=command: command(visit_id=visit, job_id=1, actor=erin, at=NOW, comment="x")
            for command in (execution.rerun, execution.resolve) * 3
        ]
    )
    assert len(won(outcomes)) == 1
    told = kinds(ticket)
    assert told.count("job.rerun") + told.count("job.resolved") == 1
    assert breaks(ticket) == []


def test_A06_a_resubmit_twice_and_talk_in_between() -> None:
    ticket = submit("leave", LEAVE)
    act(ticket, "bob", "return", comment="why")
    alice = user("alice")
    again = [lambda: resubmit(number=ticket.number, actor=alice, at=NOW, form={**LEAVE, "days": 3})] * 4
    talking = [lambda: talk.comment(number=ticket.number, actor=alice, at=NOW, text="x")] * 4
    outcomes = race([*again, *talking])
    assert len(won(outcomes)) == 5
    assert set(lost(outcomes)) == {"wrong_state"}
    assert fresh(ticket).content.number == 2
    assert ApprovalTask.objects.filter(ticket=ticket, state="pending").count() == 1
    assert breaks(ticket) == []


def test_twenty_submits_get_twenty_numbers() -> None:
    alice = user("alice")
    made = race([lambda: create(template="leave", form=LEAVE, actor=alice, at=NOW)] * 20)
    assert len({ticket.number for ticket in won(made)}) == 20


def test_events_of_one_ticket_are_numbered_without_gaps_under_load() -> None:
    ticket = submit("leave", LEAVE)
    alice = user("alice")
    said = race([lambda: talk.comment(number=ticket.number, actor=alice, at=NOW, text="x")] * 20)
    assert len(won(said)) == 20
    numbers = list(Event.objects.filter(ticket=ticket).order_by("seq").values_list("seq", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert breaks(ticket) == []


def test_F09_two_dispatchers_and_more_tell_each_event_once(monkeypatch) -> None:
    told: list[int] = []
    monkeypatch.setattr(ports, "_subscribers", {"test": lambda events: told.extend(event.pk for event in events)})
    monkeypatch.setattr("tickets.background.dispatch.BATCH", 5)
    for _i in range(10):
        submit("leave", LEAVE)
    expected = set(Event.objects.values_list("pk", flat=True))
    assert sum(won(race([dispatch] * 8))) == len(expected)
    assert sorted(told) == sorted(expected)
    assert not Outbox.objects.exists()


def test_F12_bulk_decisions_over_the_same_tickets_never_deadlock() -> None:
    """Two transactions that hold several tickets take them in the same order."""
    template([approval("all", {"role": "sre"}, mode="all")])
    tickets = [submit() for _i in range(6)]
    seats = {name: [pending(ticket, name).pk for ticket in tickets] for name in ("erin", "grace")}
    seats["grace"].reverse()

    def bulk(name: str):
        actor = user(name)

        @transaction.atomic
        def run() -> int:
            for task in in_lock_order(seats[name]):
                decide(task_id=task, verb="approve", actor=actor, at=NOW, channel="web")
            return 1

        return run

    assert won(race([bulk("erin"), bulk("grace")])) == [1, 1]
    assert {fresh(ticket).state for ticket in tickets} == {"completed"}
