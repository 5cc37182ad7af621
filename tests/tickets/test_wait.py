"""等待: a node that waits for a duration or until a time (I21)."""

import pytest

from accounts.models import User
from tests.factories import DAY, HOUR, NOW, act, fresh, opened, parallel, submit, template, visit, waiting
from tests.tickets.deadlines import at
from tickets.background.timers import fire_due
from tickets.commands.withdraw import withdraw

pytestmark = pytest.mark.usefixtures("sound")


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
