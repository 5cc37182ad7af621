"""到期: reminders, limits and waits fire once, late rather than never (I21, F8, F9, F34)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from config import progress
from tests.factories import (
    HOST,
    HOSTS,
    NOW,
    act,
    approval,
    begin,
    finish,
    fresh,
    give_role,
    kinds,
    last_event,
    move,
    opened,
    parallel,
    pending,
    proxy,
    reassign,
    restart,
    submit,
    template,
    visit,
    waiting,
)
from tests.statements import counted
from tickets import timers
from tickets.commands.withdraw import withdraw
from tickets.models import ApprovalTask, ContentVersion, Event, NodeVisit, Ticket, Timer
from tickets.timers import fire, fire_due

pytestmark = pytest.mark.usefixtures("sound")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def at(node: str, *names: str, **more):
    return approval(node, *({"user": name} for name in names), **more)


def started(on_timeout="remind", *, names=("bob",), then=(), **more):
    template([at("a", *names, due="1d", on_timeout=on_timeout, **more), *then])
    return submit()


@contextmanager
def other_form(ticket: Ticket, form: dict[str, Any]) -> Iterator[None]:
    """Meanwhile the content's row says something else, as its owner can make it with the triggers off."""
    content = fresh(ticket).content
    _set_form(content.pk, form)
    yield
    _set_form(content.pk, content.form)


def _set_form(content: int, form: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        ContentVersion.objects.filter(pk=content).update(form=form)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def fired(ticket, kind: str) -> int:
    return kinds(ticket).count(kind)


class TestReminders:
    def test_before_the_end_and_at_it(self) -> None:
        ticket = started(remind=["4h", "1h"])
        assert fire_due(NOW + 19 * HOUR) == 0
        assert fire_due(NOW + 20 * HOUR) == 1
        reminded = last_event(ticket, "ticket.reminded")
        assert (reminded["node"], reminded["round"], reminded["assignees"]) == ("a", 1, ["bob"])
        assert fire_due(NOW + 23 * HOUR) == 1
        assert fire_due(NOW + DAY) == 1
        assert fired(ticket, "ticket.reminded") == 3
        assert fire_due(NOW + 9 * DAY) == 0
        assert waiting(ticket) == ["bob"]

    def test_nobody_is_reminded_of_what_is_done(self) -> None:
        ticket = started(remind=["4h"], names=("bob", "dave"), mode="all")
        act(ticket, "bob")
        fire_due(NOW + 20 * HOUR)
        assert last_event(ticket, "ticket.reminded")["assignees"] == ["dave"]
        act(ticket, "dave")
        fire_due(NOW + 2 * DAY)
        assert fired(ticket, "ticket.reminded") == 1

    def test_the_system_says_it_without_an_actor(self) -> None:
        ticket = started()
        fire_due(NOW + DAY)
        event = Event.objects.filter(ticket=ticket, kind="ticket.reminded").get()
        assert event.actor is None
        assert event.at == NOW + DAY


class TestTimeouts:
    def test_remind_keeps_the_seat(self) -> None:
        ticket = started("remind")
        fire_due(NOW + DAY)
        assert waiting(ticket) == ["bob"]
        assert fired(ticket, "task.timed_out") == 0

    def test_approve_where_no_job_runs(self) -> None:
        ticket = started("approve", then=[at("b", "carol")])
        fire_due(NOW + DAY)
        assert waiting(ticket) == ["carol"]
        task = ApprovalTask.objects.get(ticket=ticket, visit__node="a")
        assert (task.state, task.decided_by, task.channel) == ("approved", None, "system")
        assert last_event(ticket, "task.timed_out")["action"] == "approve"

    def test_I21_no_template_lets_time_approve_a_job(self) -> None:
        from templates_engine.errors import TemplateRefused

        with pytest.raises(TemplateRefused):
            template([at("a", "bob", due="1d", on_timeout="approve"), restart()], [HOSTS])

    def test_veto(self) -> None:
        ticket = started("veto", names=("bob", "dave"))
        fire_due(NOW + DAY)
        assert fresh(ticket).state == "vetoed"
        assert opened(ticket) == []

    def test_a_confirmation_is_confirmed(self) -> None:
        people = [{"user": "bob"}, {"user": "dave"}]
        template([{"node": "c", "type": "confirm", "assignees": people, "due": "2h", "on_timeout": "approve"}])
        ticket = submit()
        fire_due(NOW + 2 * HOUR)
        assert fresh(ticket).state == "completed"

    @pytest.mark.parametrize(("mode", "done"), [("any", True), ("all", True), ({"ratio": 0.5}, True)])
    def test_approve_in_every_mode(self, mode, done) -> None:
        ticket = started("approve", names=("bob", "dave", "erin"), mode=mode)
        fire_due(NOW + DAY)
        assert (fresh(ticket).state == "completed") is done

    def test_escalate_to_the_manager_then_up_then_to_the_administrators(self) -> None:
        ticket = started("escalate", names=("grace",))
        at_, line = NOW, []
        for _step in range(3):
            at_ += DAY
            fire_due(at_)
            line.append(waiting(ticket))
        assert line == [["erin"], ["carol"], ["bob"]]  # grace's line, then alice's
        at_ += DAY
        fire_due(at_)
        assert waiting(ticket) == ["admin"]
        at_ += DAY
        fire_due(at_)
        assert waiting(ticket) == ["admin"]  # nobody above: told, and it stays there
        assert fired(ticket, "task.escalated") == 4

    def test_I03_escalate_never_to_the_applicant(self) -> None:
        template([at("a", "heidi", due="1d", on_timeout="escalate")])
        ticket = submit(by="bob")
        fire_due(NOW + DAY)
        assert waiting(ticket) == ["carol"]

    def test_I04_two_with_one_manager(self) -> None:
        """dave and erin both stand below carol; she takes one seat, the other goes on up."""
        ticket = started("escalate", names=("dave", "erin"), mode="all")
        fire_due(NOW + DAY)
        assert len(set(waiting(ticket))) == len(waiting(ticket)) == 2
        assert "carol" in waiting(ticket)

    @pytest.mark.parametrize("on_timeout", ["escalate", {"transfer": {"user": "carol"}}])
    def test_I04_who_waits_in_the_queue_takes_over_nothing(self, on_timeout) -> None:
        template([approval("a", {"managers_up_to": 2}, due="1d", on_timeout=on_timeout)])
        ticket = submit()
        fire_due(NOW + DAY)
        assert waiting(ticket) == ["admin"]
        act(ticket, "admin", at=NOW + DAY)
        assert act(ticket, "carol", at=NOW + DAY).state == "completed"

    def test_I10_who_signed_as_a_proxy_takes_over_nothing(self) -> None:
        ticket = started("escalate", names=("bob", "dave"), mode="all")
        proxy("dave", "carol", NOW, NOW + HOUR)
        act(ticket, "carol", seat="dave")
        fire_due(NOW + DAY)
        assert waiting(ticket) == ["admin"]

    @pytest.mark.parametrize("people", [12, 60])
    def test_the_lines_above_many_are_asked_for_at_once(self, people) -> None:
        names = [f"p{i}" for i in range(people)]
        User.objects.bulk_create(User(username=name, name=name) for name in names)
        give_role("many", *names)
        template([approval("a", {"role": "many"}, mode="all", due="1d", on_timeout="escalate")])
        ticket = submit()
        with counted() as found:
            fire_due(NOW + DAY)
        assert len(found) == 15, found
        assert waiting(ticket)[:3] == ["admin", "bob", "carol"]  # the applicant's line, each once

    def test_who_takes_over_has_the_time_anew(self) -> None:
        ticket = started("escalate", names=("grace",))
        fire_due(NOW + DAY + HOUR)
        assert pending(ticket, "erin").due_at == NOW + 2 * DAY + HOUR
        assert fire_due(NOW + 2 * DAY) == 0

    def test_transfer_to_whom_the_rule_names(self) -> None:
        ticket = started({"transfer": {"role": "dba"}})
        fire_due(NOW + DAY)
        assert waiting(ticket) == ["dave"]
        assert "dave" in last_event(ticket, "task.escalated")["users"]

    def test_transfer_to_nobody_goes_up(self) -> None:
        ticket = started({"transfer": {"user": "bob"}})
        fire_due(NOW + DAY)
        assert waiting(ticket) == ["carol"]

    def test_I03_transfer_never_to_the_applicant(self) -> None:
        ticket = started({"transfer": {"applicant": True}})
        fire_due(NOW + DAY)
        assert waiting(ticket) == ["carol"]

    def test_added_signatures_are_late_too(self) -> None:
        ticket = started("approve")
        move(ticket, "bob", "add_sign", "carol", position="with", at=NOW + HOUR)
        fire_due(NOW + DAY)
        fire_due(NOW + DAY + HOUR)
        assert fresh(ticket).state == "completed"

    def test_added_before_by_the_system(self) -> None:
        """Time does not jump the order that bob wanted: carol's signature is given before his."""
        ticket = started("approve")
        move(ticket, "bob", "add_sign", "carol", position="before")
        fire_due(NOW + DAY)
        assert fresh(ticket).state == "completed"

    def test_I13_the_executor_believes_escalations_and_transfers(self) -> None:
        for action in ("escalate", {"transfer": {"role": "dba"}}):
            template([at("a", "bob", "erin", mode="all", due="1d", on_timeout=action), restart()], [HOSTS])
            ticket = submit(form=HOST)
            move(ticket, "bob", "add_sign", "frank", position="with")
            fire_due(NOW + DAY)
            while waiting(ticket):
                act(ticket, waiting(ticket)[0])
            assert begin(ticket)


class TestOnce:
    def test_I21_F09_two_sweeps_fire_one_timer_once(self) -> None:
        ticket = started("escalate", names=("grace",))
        timer = Timer.objects.get(visit__ticket=ticket, kind="due")
        assert fire(timer.pk, timer.visit_id, NOW + DAY) == 1
        assert fire(timer.pk, timer.visit_id, NOW + DAY) == 0
        assert fired(ticket, "task.escalated") == 1

    def test_F08_late_after_downtime_each_once_and_in_order(self) -> None:
        ticket = started("veto", remind=["4h", "1h"])
        assert fire_due(NOW + 26 * HOUR) == 3
        seen = [kind for kind in kinds(ticket) if kind in ("ticket.reminded", "task.timed_out", "ticket.vetoed")]
        assert seen == ["ticket.reminded", "ticket.reminded", "task.timed_out", "ticket.vetoed"]
        assert fire_due(NOW + 27 * HOUR) == 0

    @pytest.mark.parametrize("how", ["approve", "veto", "return", "withdraw"])
    def test_F34_a_visit_that_closed_before(self, how) -> None:
        ticket = started("veto", then=[at("b", "carol")])
        if how == "withdraw":
            withdraw(number=ticket.number, actor=User.objects.get(username="alice"), at=NOW)
        else:
            act(ticket, "bob", how, comment="x")
        before = fresh(ticket).event_seq
        assert fire_due(NOW + DAY) == 1
        assert fresh(ticket).event_seq == before
        assert fire_due(NOW + DAY) == 0

    def test_I17_a_veto_waits_for_the_job_beside_it(self, caplog) -> None:
        late = at("r", "dave", due="1d", on_timeout="veto")
        template([at("a", "bob"), parallel("fork", [restart()], [late])], [HOSTS])
        ticket = submit(form=HOST)
        act(ticket, "bob")
        begin(ticket)
        assert fire_due(NOW + DAY) == 0
        assert fresh(ticket).state == "executing"
        assert caplog.records == []
        finish(ticket)
        assert fire_due(NOW + DAY) == 1
        assert fresh(ticket).state == "vetoed"

    def test_a_decision_a_moment_before_wins(self) -> None:
        ticket = started("veto")
        act(ticket, "bob", at=NOW + DAY - timedelta(seconds=1))
        fire_due(NOW + DAY)
        assert fresh(ticket).state == "completed"

    def test_a_timer_that_fails_stops_no_other(self, monkeypatch) -> None:
        from tickets import timers

        first, second = started("veto"), submit()
        real = timers.fire

        def failing(timer_id, visit_id, at):
            if visit_id == visit(first, "a").pk:
                raise RuntimeError("broken row")
            return real(timer_id, visit_id, at)

        monkeypatch.setattr(timers, "fire", failing)
        assert fire_due(NOW + DAY) == 1
        assert (fresh(first).state, fresh(second).state) == ("approving", "vetoed")
        monkeypatch.undo()
        assert fire_due(NOW + DAY) == 1
        assert fresh(first).state == "vetoed"

    def test_a_new_round_has_its_own_time(self) -> None:
        ticket = started("veto", then=[at("b", "carol")])
        act(ticket, "bob")
        act(ticket, "carol", "return", to="a", comment="?", at=NOW + 23 * HOUR)
        fire_due(NOW + DAY)
        assert waiting(ticket) == ["bob"]
        fire_due(NOW + 47 * HOUR)
        assert fresh(ticket).state == "vetoed"


class TestSequence:
    def test_the_next_has_his_own_time(self) -> None:
        ticket = started("veto", names=("bob", "dave"), mode="sequence")
        act(ticket, "bob", at=NOW + 20 * HOUR)
        assert pending(ticket, "dave").due_at == NOW + 44 * HOUR
        fire_due(NOW + DAY)
        assert waiting(ticket) == ["dave"]
        fire_due(NOW + 44 * HOUR)
        assert fresh(ticket).state == "vetoed"

    def test_approve_one_after_the_other(self) -> None:
        ticket = started("approve", names=("bob", "dave"), mode="sequence")
        fire_due(NOW + DAY)
        assert waiting(ticket) == ["dave"]
        fire_due(NOW + 2 * DAY)
        assert fresh(ticket).state == "completed"

    def test_who_is_reminded_is_who_is_asked(self) -> None:
        ticket = started("remind", names=("bob", "dave"), mode="sequence", remind=["1h"])
        act(ticket, "bob", at=NOW + 20 * HOUR)
        fire_due(NOW + 44 * HOUR)
        assert last_event(ticket, "ticket.reminded")["assignees"] == ["dave"]


class TestSeatsThatMove:
    def test_a_transfer_keeps_the_time(self) -> None:
        ticket = started("veto")
        move(ticket, "bob", "transfer", "carol", at=NOW + 20 * HOUR)
        fire_due(NOW + DAY)
        assert fresh(ticket).state == "vetoed"

    def test_handed_on_after_the_end_the_time_begins_anew(self) -> None:
        ticket = started()
        fire_due(NOW + DAY)
        reassign(ticket, "a", "frank", at=NOW + DAY)
        assert pending(ticket).due_at == NOW + 2 * DAY
        assert fire_due(NOW + 2 * DAY) == 1

    def test_a_reassigned_seat_without_anybody_before_gets_the_nodes_time(self) -> None:
        template([approval("a", {"expression": "[]"}, on_empty="block", due="1d", on_timeout="veto")])
        ticket = submit()
        assert waiting(ticket) == []
        reassign(ticket, "a", "carol", at=NOW + HOUR)
        assert pending(ticket, "carol").due_at == NOW + DAY + HOUR


class TestWait:
    def test_for_so_long(self) -> None:
        template([{"node": "w", "type": "wait", "for": "2h"}, at("a", "bob")])
        ticket = submit()
        assert (waiting(ticket), opened(ticket), ticket.state) == ([], ["w"], "approving")
        fire_due(NOW + HOUR)
        assert opened(ticket) == ["w"]
        fire_due(NOW + 2 * HOUR)
        assert waiting(ticket) == ["bob"]
        assert visit(ticket, "w").outcome == "waited"

    @pytest.mark.parametrize(("until", "waits"), [
        ("2026-11-21T11:00:00+08:00", True), ("2026-11-21T10:00:00+08:00", False),
        ("2026-11-20T10:00:00+08:00", False), (None, False),
    ])  # fmt: skip
    def test_until(self, until, waits) -> None:
        template([{"node": "w", "type": "wait", "until": "form.when"}, at("a", "bob")],
                 [{"key": "when", "type": "datetime", "label": "W"}])  # fmt: skip
        ticket = submit(form={"when": until} if until else {})
        assert (opened(ticket) == ["w"]) is waits
        fire_due(NOW + HOUR)
        assert waiting(ticket) == ["bob"]

    def test_in_a_branch(self) -> None:
        template([parallel("fork", [{"node": "w", "type": "wait", "for": "2h"}], [at("a", "bob")]), at("z", "dave")])
        ticket = submit()
        act(ticket, "bob")
        fire_due(NOW + 2 * HOUR)
        assert waiting(ticket) == ["dave"]

    @pytest.mark.parametrize("days", [-1, 3])
    def test_I21_an_edit_moves_the_end_and_its_timer(self, days) -> None:
        when = {"key": "when", "type": "datetime", "label": "W", "required": True, "editable_at": ["a"]}
        wait = {"node": "w", "type": "wait", "until": "form.when"}
        template([parallel("f", [wait], [at("a", "bob"), at("b", "carol")])], [when])
        ticket = submit(form={"when": (NOW + DAY).isoformat()})
        act(ticket, "bob", form={"when": (NOW + days * DAY).isoformat()})
        fire_due(NOW + DAY)
        assert ("w" in opened(ticket)) is (days == 3)
        fire_due(NOW + 3 * DAY)
        assert opened(ticket) == ["b", "f"]

    def test_a_withdrawn_ticket_waits_for_nothing(self) -> None:
        template([{"node": "w", "type": "wait", "for": "2h"}, at("a", "bob")])
        ticket = submit()
        withdraw(number=ticket.number, actor=User.objects.get(username="alice"), at=NOW)
        fire_due(NOW + 2 * HOUR)
        assert fresh(ticket).state == "withdrawn"

    def test_the_page_says_until_when(self) -> None:
        from tests.factories import user
        from tickets.queries.detail import ticket_detail

        template([{"node": "w", "type": "wait", "for": "2h"}, at("a", "bob")])
        ticket = submit()
        (row,) = ticket_detail(user("alice"), ticket.number, NOW)["nodes"]
        assert row["until"] == NOW + 2 * HOUR


def test_F37_timers_that_fail_starve_no_other(monkeypatch) -> None:
    monkeypatch.setattr(timers, "BATCH", 2)
    broken, sound = [started("veto") for _ in range(3)], started("veto")
    real = timers.fire
    bad = {ticket.pk for ticket in broken}

    def fire_or_fail(timer_id, visit_id, moment):
        if Timer.objects.get(pk=timer_id).visit.ticket_id in bad:
            raise RuntimeError("bad row")
        return real(timer_id, visit_id, moment)

    monkeypatch.setattr(timers, "fire", fire_or_fail)
    assert fire_due(NOW + DAY) == 1
    assert fresh(sound).state == "vetoed"
    assert {fresh(ticket).state for ticket in broken} == {"approving"}
    monkeypatch.undo()
    assert fire_due(NOW + DAY) == 3


class TestMovedInstants:
    """A timer's rows can be moved by whoever can write to the database; what it does stands in the trail (A32)."""

    @pytest.mark.parametrize("then", ["approve", "veto", "escalate", {"transfer": {"user": "carol"}}])
    @pytest.mark.parametrize("how", ["moved", "inserted"])
    def test_I21_A32_an_instant_that_was_moved_decides_nothing(self, then, how) -> None:
        ticket = started(then)
        ApprovalTask.objects.update(due_at=NOW)
        if how == "moved":
            Timer.objects.update(due_at=NOW)
        else:
            Timer.objects.create(visit=visit(ticket, "a"), kind="due", due_at=NOW)
        fire_due(NOW + HOUR)
        assert (waiting(ticket), fired(ticket, "task.timed_out")) == (["bob"], 0)
        assert progress.unsealed()[0] == 1
        assert pending(ticket, "bob").due_at == NOW + DAY
        fire_due(NOW + DAY)
        assert fired(ticket, "task.timed_out") == 1

    def test_I21_A32_the_next_of_a_sequence_has_his_own_time(self) -> None:
        ticket = started("veto", names=("bob", "dave"), mode="sequence")
        act(ticket, "bob", at=NOW + 20 * HOUR)
        ApprovalTask.objects.filter(state="pending").update(due_at=NOW + DAY)
        fire_due(NOW + DAY)
        assert waiting(ticket) == ["dave"]
        fire_due(NOW + DAY + 20 * HOUR)
        assert fresh(ticket).state == "vetoed"

    def test_I21_A32_a_seat_that_was_given_to_another_is_not_decided_by_time(self) -> None:
        ticket = started("approve")
        ApprovalTask.objects.update(assignee=User.objects.get(username="carol"))
        fire_due(NOW + DAY)
        assert fired(ticket, "task.timed_out") == 0
        ApprovalTask.objects.update(assignee=User.objects.get(username="bob"))

    def test_I21_A32_a_ticket_that_is_not_whole_is_not_decided_by_time(self) -> None:
        ticket = started("approve")
        with other_form(ticket, {"changed": True}):
            fire_due(NOW + DAY)
        assert waiting(ticket) == ["bob"]
        assert (fired(ticket, "task.timed_out"), fired(ticket, "ticket.reminded")) == (0, 1)

    def test_F15_events_of_before_know_the_nodes_time(self, monkeypatch) -> None:
        monkeypatch.setattr("tickets.walk._due", lambda *_args: {})
        ticket = started("veto")
        fire_due(NOW + DAY - HOUR)
        assert waiting(ticket) == ["bob"]
        fire_due(NOW + DAY)
        assert fresh(ticket).state == "vetoed"

    def test_I21_A32_a_wait_ends_when_the_trail_says(self) -> None:
        template([{"node": "w", "type": "wait", "for": "2h"}, at("a", "bob")])
        ticket = submit()
        NodeVisit.objects.update(opened_at=NOW - DAY)
        Timer.objects.update(due_at=NOW)
        fire_due(NOW + HOUR)
        assert opened(ticket) == ["w"]
        fire_due(NOW + 2 * HOUR)
        assert waiting(ticket) == ["bob"]

    def test_I10_A32_a_wait_of_a_ticket_that_is_not_whole_is_told(self) -> None:
        when = {"key": "when", "type": "datetime", "label": "W", "required": True}
        template([{"node": "w", "type": "wait", "until": "form.when"}, at("a", "bob")], [when])
        ticket = submit(form={"when": (NOW + DAY).isoformat()})
        Timer.objects.update(due_at=NOW)
        with other_form(ticket, {"when": NOW.isoformat()}):
            fire_due(NOW + HOUR)
        assert (opened(ticket), fired(ticket, "ticket.stuck")) == (["w"], 1)
