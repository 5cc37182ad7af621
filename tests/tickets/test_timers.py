"""到期: reminders, deadlines and what follows them (I03, I10, I13)."""

import pytest

from accounts.models import User
from tests.factories import (
    DAY,
    HOST,
    HOSTS,
    HOUR,
    NOW,
    act,
    approval,
    begin,
    fresh,
    give_role,
    last_event,
    move,
    opened,
    pending,
    proxy,
    reassign,
    restart,
    submit,
    template,
    waiting,
)
from tests.statements import counted
from tests.tickets.deadlines import at, fired, started
from tickets.background.timers import fire_due
from tickets.models import ApprovalTask, Event

pytestmark = pytest.mark.usefixtures("sound")


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
        assert len(found) == 16, found
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
