"""到期: many timers in one transaction; what is broken stays alone (I07, I21, F01, F32, F37, F38)."""

import contextlib
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.db import connection

from templates_engine.models import TemplateVersion
from templates_engine.store.programs import load
from tests.factories import DAY, NOW, breaks, fresh, last_event, parallel, submit, template, visit
from tests.statements import counted
from tests.tickets.deadlines import at, fired, started
from tickets.background import timers
from tickets.background.timers import fire_due
from tickets.models import NodeVisit, Outbox, Ticket, Timer

pytestmark = pytest.mark.usefixtures("sound")
LATE = NOW + DAY


def many(on_timeout: str, count: int, **more: Any) -> list[Ticket]:
    """So many tickets that are due at the same time."""
    return [started(on_timeout, **more), *(submit() for _number in range(count - 1))]


@contextlib.contextmanager
def seal_broken(ticket: Ticket) -> Iterator[None]:
    """Its template version does not fit its seal, and no process has it in memory."""
    _write(TemplateVersion, ticket.template_version_id, number=99)
    yield
    _write(TemplateVersion, ticket.template_version_id, number=1)


def _write(model: Any, pk: int, **columns: Any) -> None:
    """Change a row that a trigger guards, as its owner can."""
    load.cache_clear()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        model.objects.filter(pk=pk).update(**columns)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


@contextlib.contextmanager
def node_unknown(ticket: Ticket) -> Iterator[None]:
    """It stands at a node that its template does not have."""
    place = NodeVisit.objects.filter(pk=visit(ticket, "a").pk)
    place.update(node="gone")
    yield
    place.update(node="a")


@contextlib.contextmanager
def chain_taken_back(ticket: Ticket) -> Iterator[None]:
    """Its row knows an earlier event as the last one, so that no event can be written."""
    now = fresh(ticket)
    Ticket.objects.filter(pk=ticket.pk).update(event_seq=1)
    yield
    Ticket.objects.filter(pk=ticket.pk).update(event_seq=now.event_seq)


@pytest.mark.parametrize("then", ["remind", "veto"])
@pytest.mark.parametrize("how", [seal_broken, node_unknown, chain_taken_back])
def test_F37_a_broken_ticket_stops_no_other(how: Callable[[Ticket], Any], then, monkeypatch, caplog) -> None:
    monkeypatch.setattr(timers, "TIMED_OUT_TOGETHER", 2)
    broken = started(then)
    template([at("a", "bob", due="1d", on_timeout=then)], key="other")
    sound = [submit("other") for _number in range(3)]
    told = "ticket.reminded" if then == "remind" else "ticket.vetoed"
    with how(broken):
        assert fire_due(LATE) == 3
        assert fire_due(LATE) == 0
    assert {record.getMessage() for record in caplog.records} >= {"timer.failed"}
    assert [fired(ticket, told) for ticket in (broken, *sound)] == [0, 1, 1, 1]
    assert fire_due(LATE) == 1
    assert fired(broken, told) == 1


def test_F38_a_batch_of_reminders_takes_three_statements() -> None:
    """One that reads what is due, three for the batch, and one that finds that no more is due."""
    found: dict[int, list[str]] = {}
    for count in (2, 20):
        tickets = many("remind", count, remind=["1h"])
        with counted() as found[count]:
            assert fire_due(LATE) == 2 * count
        assert [fired(ticket, "ticket.reminded") for ticket in tickets] == [2] * count
        assert [breaks(ticket) for ticket in tickets] == [[]] * count
    assert len(found[2]) == len(found[20]) == 5, found[2]


def test_F38_a_batch_of_decisions_takes_one_statement_for_each() -> None:
    """Besides the pages: lock, rows, what has not fired, trails; and at the end which have."""
    found: dict[int, list[str]] = {}
    for count in (2, 12):
        tickets = many("veto", count)
        with counted() as found[count]:
            assert fire_due(LATE) == count
        assert {fresh(ticket).state for ticket in tickets} == {"vetoed"}
        assert len(found[count]) == 2 + 5 + count, found[count]


def test_the_timers_of_one_ticket_keep_their_order() -> None:
    """What only reminds waits for what decides, if it is later."""
    late = at("b", "dave", due="20h", on_timeout="veto")
    template([parallel("fork", [at("a", "bob", due="1d", remind=["1h"])], [late])])
    ticket = submit()
    assert fire_due(LATE) == 3
    assert (fired(ticket, "ticket.vetoed"), fired(ticket, "ticket.reminded")) == (1, 0)


def test_a_reminder_says_the_same_alone_and_beside_what_decides() -> None:
    people = at("a", "bob", "dave", mode="all", due="1d", remind=["1h"])
    template([people])
    alone = submit()
    template([parallel("fork", [people], [at("b", "erin", due="1d", on_timeout="escalate")])])
    beside = submit()
    fire_due(LATE)
    assert last_event(beside, "task.escalated")
    assert last_event(alone, "ticket.reminded") == last_event(beside, "ticket.reminded")
    assert last_event(alone, "ticket.reminded")["assignees"] == ["bob", "dave"]


@pytest.mark.parametrize(("then", "told"), [("remind", "ticket.reminded"), ("veto", "ticket.vetoed")])
def test_F01_a_batch_that_was_cut_off_is_done_again_once(then, told, monkeypatch) -> None:
    class Killed(BaseException):
        pass

    def die(_task: str, *_ids: Any) -> None:
        raise Killed

    tickets = many(then, 3)
    outbox = Outbox.objects.count()
    with monkeypatch.context() as cut:
        for module in ("tickets.background.reminders", "tickets.engine.walk"):
            cut.setattr(f"{module}.ring", die)
        with pytest.raises(Killed):
            fire_due(LATE)
    assert not Timer.objects.filter(fired_at__isnull=False).exists()
    assert Outbox.objects.count() == outbox
    assert fire_due(LATE) == 3
    assert [fired(ticket, told) for ticket in tickets] == [1, 1, 1]


def test_F32_without_a_time_it_is_the_databases() -> None:
    ticket, before = started(), _now()
    assert fire_due() == 1
    [event] = fresh(ticket).events.filter(kind="ticket.reminded")
    timer = Timer.objects.get(visit__ticket=ticket)
    assert before <= event.at == timer.fired_at <= _now()


def _now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]
