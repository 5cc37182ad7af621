"""Clocks: each periodic task is sent once in its interval, by the database's time, however many run (F32, F08)."""

from datetime import timedelta
from types import SimpleNamespace
from typing import cast

import pytest
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now

from config import beat, progress
from config.celery import app
from config.models import Pulse

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(monkeypatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(beat.SteadyScheduler, "apply_async", lambda _self, entry, **_options: found.append(entry.task))
    monkeypatch.setattr(connection, "close", lambda: None)  # it is the test's transaction
    return found


def pass_by(seconds: float) -> None:
    Pulse.objects.update(at=F("at") - timedelta(seconds=seconds))


def test_all_is_sent_once_at_the_start_and_then_in_its_interval_by_one_of_two_clocks(sent) -> None:
    clocks = [beat.SteadyScheduler(app), beat.SteadyScheduler(app)]
    assert [clock.tick() for clock in clocks] == [5, 5]
    assert sorted(sent) == sorted(entry["task"] for entry in app.conf.beat_schedule.values())
    for _look in range(24):  # of two minutes
        pass_by(5)
        for clock in clocks:
            clock.tick()
    assert [sent.count(task) for task in ("tickets.sweep", "tickets.guard", "accounts.purge")] == [25, 3, 1]
    assert progress.measure().clock < 5


def test_F32_a_database_clock_that_was_set_back_stops_no_sweep(sent) -> None:
    clock = beat.SteadyScheduler(app)
    clock.tick()
    Pulse.objects.update(at=Now() + timedelta(hours=2))
    assert progress.measure().clock is None
    clock.tick()
    assert sent.count("tickets.sweep") == sent.count("accounts.purge") == 2


def test_what_a_dead_broker_does_not_take_is_sent_when_it_is_back(sent, monkeypatch) -> None:
    clock = beat.SteadyScheduler(app)
    with monkeypatch.context() as dead:
        dead.setattr(clock, "apply_async", lambda *_args, **_options: 1 / 0)
        clock.tick()
    assert not sent
    clock.tick()
    assert len(sent) == len(app.conf.beat_schedule)


@pytest.mark.parametrize(("queues", "has_one"), [(["notify", "default"], True), (["automation"], False)])
def test_workers_of_the_common_queue_have_a_clock_and_executors_have_none(queues, has_one) -> None:
    assert "config.beat:Clock" in app.steps["worker"]
    worker = SimpleNamespace(app=SimpleNamespace(amqp=SimpleNamespace(queues=SimpleNamespace(consume_from=queues))))
    assert beat.Clock.include_if(cast(beat.Clock, None), worker) is has_one
