"""到期: each timer fires once, late rather than never (I17, I21, F08, F09, F34, F37)."""

from datetime import timedelta

import pytest

from accounts.models import User
from tests.factories import (
    DAY,
    HOST,
    HOSTS,
    HOUR,
    NOW,
    act,
    begin,
    finish,
    fresh,
    kinds,
    parallel,
    restart,
    submit,
    template,
    visit,
    waiting,
)
from tests.tickets.deadlines import at, fired, started
from tickets.background import timers
from tickets.background.timers import fire, fire_due
from tickets.commands.withdraw import withdraw
from tickets.models import Timer

pytestmark = pytest.mark.usefixtures("sound")


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
        from tickets.background import timers

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
