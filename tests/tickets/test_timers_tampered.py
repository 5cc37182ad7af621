"""到期: a timer that was moved in the database decides nothing (I10, I21, A32)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from config import progress
from tests.factories import DAY, HOUR, NOW, act, fresh, opened, pending, submit, template, visit, waiting
from tests.tickets.deadlines import at, fired, started
from tickets.background.timers import fire_due
from tickets.models import ApprovalTask, ContentVersion, NodeVisit, Ticket, Timer

pytestmark = pytest.mark.usefixtures("sound")


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
        monkeypatch.setattr("tickets.engine.walk._asked", lambda seat, *_limit: {
            "username": seat.person.username, "reason": seat.reason,
        })  # fmt: skip
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
