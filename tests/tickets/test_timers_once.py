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
    waiting,
)
from tests.tickets.deadlines import at, fired, started
from tickets.background import reminders, timeouts
from tickets.background.due import pages
from tickets.background.timers import fire_due
from tickets.commands.withdraw import withdraw

pytestmark = pytest.mark.usefixtures("sound")


class TestOnce:
    @pytest.mark.parametrize(("then", "act", "told"), [
        ("escalate", timeouts.fire, "task.escalated"), ("remind", reminders.fire, "ticket.reminded"),
    ])  # fmt: skip
    def test_I21_F09_two_sweeps_fire_one_timer_once(self, then, act, told) -> None:
        ticket = started(then, names=("grace",))
        [page] = pages(NOW + DAY)
        assert act(page, NOW + DAY) == 1
        assert act(page, NOW + DAY) == 0  # a second sweep has read it before
        assert fired(ticket, told) == 1

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

    def test_a_new_round_has_its_own_time(self) -> None:
        ticket = started("veto", then=[at("b", "carol")])
        act(ticket, "bob")
        act(ticket, "carol", "return", to="a", comment="?", at=NOW + 23 * HOUR)
        fire_due(NOW + DAY)
        assert waiting(ticket) == ["bob"]
        fire_due(NOW + 47 * HOUR)
        assert fresh(ticket).state == "vetoed"
