"""Dispatch of the outbox: every event to every subscriber, all or nothing (I18, F09, F37)."""

import contextlib
from datetime import timedelta

import pytest
from celery import current_app
from django.utils import timezone

from tests.factories import DAY, LEAVE, NOW, act, proxy, submit
from tests.statements import counted
from tickets import ports
from tickets.background.dispatch import SLOWEST, STUCK_AFTER, dispatch, wait_after
from tickets.engine.walk import DISPATCH
from tickets.models import Event, Outbox, Participant

pytestmark = pytest.mark.usefixtures("world")


class Heard:
    """A subscriber that writes a row per event and fails on what it is told to."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.poison: set[str] = set()

    def __call__(self, events) -> None:
        for event in events:
            Participant.objects.get_or_create(ticket=event.ticket, user=event.ticket.applicant, kind="cc")
            if event.kind in self.poison:
                raise ValueError(event.kind)
        self.events += events


@pytest.fixture
def heard(monkeypatch) -> Heard:
    subscriber = Heard()
    monkeypatch.setattr(ports, "_subscribers", {"first": lambda events: None, "test": subscriber})
    dispatch()
    subscriber.events.clear()
    return subscriber


def test_I18_every_event_is_written_with_its_outbox_row(heard) -> None:
    ticket = submit("leave", LEAVE)
    events = set(Event.objects.filter(ticket=ticket).values_list("id", flat=True))
    assert set(Outbox.objects.values_list("event_id", flat=True)) == events


def test_handed_out_once_in_order(heard) -> None:
    ticket = submit("leave", LEAVE)
    act(ticket, "bob")
    assert dispatch() == len(heard.events) == Event.objects.filter(ticket=ticket).count()
    assert [event.seq for event in heard.events] == list(range(1, len(heard.events) + 1))
    assert not Outbox.objects.exists()
    assert dispatch() == 0


def test_events_come_with_their_ticket(heard, django_assert_num_queries) -> None:
    ticket = submit("leave", LEAVE)
    dispatch()
    with django_assert_num_queries(0):
        for event in heard.events:
            assert (event.ticket.number, event.ticket.state) == (ticket.number, "approving")
            assert (event.ticket.applicant_id, event.ticket.parent_visit_id) == (ticket.applicant_id, None)


@pytest.mark.parametrize(("proxies", "statements"), [(False, 17), (True, 19)])
def test_a_batch_costs_the_same_for_any_number_of_events(proxies, statements) -> None:
    """Claimed, taken out, read with tickets, told to every subscriber; then a look for more, and for stragglers."""
    if proxies:
        proxy("bob", "carol", NOW, NOW + 9000 * DAY, templates=["leave"])
    found: dict[int, list[str]] = {}
    for count in (1, 10):
        dispatch()
        for _ticket in range(count):
            act(submit("leave", LEAVE), "bob")
        with counted() as found[count]:
            assert dispatch() >= 5 * count
    assert [len(found[1]), len(found[10])] == [statements] * 2, found[10]


def test_F37_a_poisoned_event_waits_aside_and_the_rest_flows(heard, caplog) -> None:
    heard.poison = {"task.assigned"}
    ticket = submit("leave", LEAVE)
    at = timezone.now()
    for _attempt in range(STUCK_AFTER):
        dispatch(at)
        at += SLOWEST
    aside = Outbox.objects.get()
    assert (aside.event.kind, aside.attempts) == ("task.assigned", STUCK_AFTER + 1)
    assert any(record.getMessage() == "dispatch.event_stuck" for record in caplog.records)
    told = [event.kind for event in heard.events]
    assert "task.assigned" not in told
    assert len(told) == len(set(told)) == Event.objects.filter(ticket=ticket).count() - 1
    submit("leave", LEAVE)
    heard.poison = set()
    dispatch(at)
    assert not Outbox.objects.exists()  # mended, it goes out by itself


def test_F37_a_row_that_failed_rests_longer_each_time(heard) -> None:
    heard.poison = {"task.assigned"}
    submit("leave", LEAVE)
    at = timezone.now()
    dispatch(at)  # in the batch, then alone
    assert (Outbox.objects.get().attempts, Outbox.objects.get().due_at) == (2, at + wait_after(2))
    dispatch(at + wait_after(2) - timedelta(seconds=1))
    assert Outbox.objects.get().attempts == 2
    dispatch(at + wait_after(2))
    assert Outbox.objects.get().attempts == 3
    assert [wait_after(n).total_seconds() for n in (1, 2, 3, 4, 50)] == [0, 5, 20, 80, 3600]


def test_F37_a_row_that_kills_its_worker_is_set_aside_too(heard, monkeypatch) -> None:
    """kill -9 in the middle: nothing after the claim is committed, not even the log line."""

    class Killed(BaseException):
        pass

    deadly = submit("leave", LEAVE)
    submit("leave", LEAVE)

    def die(events) -> None:
        if any(event.ticket_id == deadly.pk and event.kind == "task.assigned" for event in events):
            raise Killed

    monkeypatch.setattr(ports, "_subscribers", {"deadly": die, "test": heard})
    at = timezone.now()
    for _sweep in range(4):
        with contextlib.suppress(Killed):
            dispatch(at)
        at += timedelta(seconds=5)
    assert Outbox.objects.get().event.kind == "task.assigned"
    assert len(heard.events) == len({event.pk for event in heard.events}) == Event.objects.count() - 1


def test_a_subscriber_that_fails_leaves_no_row(heard) -> None:
    heard.poison = set(Event.objects.values_list("kind", flat=True)) | {
        "ticket.created", "ticket.submitted", "node.opened", "task.assigned",
    }  # fmt: skip
    ticket = submit("leave", LEAVE)
    Participant.objects.filter(ticket=ticket, kind="cc").delete()
    assert dispatch() == 0
    assert not Participant.objects.filter(ticket=ticket, kind="cc").exists()
    assert Outbox.objects.filter(event__ticket=ticket).count() == Event.objects.filter(ticket=ticket).count()


def test_more_than_a_batch(heard, monkeypatch) -> None:
    monkeypatch.setattr("tickets.background.dispatch.BATCH", 3)
    for _ticket in range(4):
        submit("leave", LEAVE)
    assert dispatch() == len(heard.events) == len({event.pk for event in heard.events})
    assert not Outbox.objects.exists()


def test_a_dead_broker_loses_nothing(heard, monkeypatch, django_capture_on_commit_callbacks) -> None:
    from common import doorbell

    def broken(*args, **kwargs):
        raise ConnectionError

    monkeypatch.setattr(current_app, "send_task", broken)
    monkeypatch.setattr(doorbell, "_quiet_until", 0.0)
    with django_capture_on_commit_callbacks(execute=True):
        submit("leave", LEAVE)
    doorbell.send_now()
    assert Outbox.objects.exists()
    assert dispatch() > 0


def test_after_a_failure_the_bell_is_quiet_for_a_while(monkeypatch, django_capture_on_commit_callbacks) -> None:
    from common import doorbell

    rung = []

    def broken(*args, **kwargs):
        rung.append(args)
        raise ConnectionError

    monkeypatch.setattr(current_app, "send_task", broken)
    monkeypatch.setattr(doorbell, "_quiet_until", 0.0)
    for _ticket in range(3):
        with django_capture_on_commit_callbacks(execute=True):
            submit("leave", LEAVE)
        doorbell.send_now()
    assert len(rung) == 1


def test_what_rings_within_a_moment_is_sent_once(monkeypatch, django_capture_on_commit_callbacks) -> None:
    from common import doorbell

    doorbell.send_now()
    sent = []
    monkeypatch.setattr(doorbell, "_waiting", doorbell._Waiting())
    monkeypatch.setattr(doorbell, "MOMENT_S", 0.5)
    monkeypatch.setattr(current_app, "send_task", lambda *what, **how: sent.append((what, how["args"])))
    monkeypatch.setattr(doorbell, "_quiet_until", 0.0)
    with django_capture_on_commit_callbacks(execute=True):
        for _ticket in range(3):
            submit("leave", LEAVE)
        doorbell.ring("automation.run", 7)
        doorbell.ring("automation.run", 8)
    doorbell.send_now()
    assert sent == [((DISPATCH,), ()), (("automation.run",), (7,)), (("automation.run",), (8,))]


def test_F32_what_a_clock_put_off_that_was_set_back_since_goes_now(heard) -> None:
    submit("leave", LEAVE)
    Outbox.objects.update(attempts=2, due_at=timezone.now() + timedelta(hours=3))
    assert dispatch() > 0
    assert not Outbox.objects.exists()
