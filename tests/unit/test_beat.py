"""The scheduler of sweeps uses a monotonic clock, independent of the wall clock (F32, F08)."""

import time
from datetime import datetime, timedelta

import pytest

from config import beat
from config.celery import app


class Clocks:
    def __init__(self) -> None:
        self.steady, self.wall = 1000.0, datetime(2026, 11, 30, 12).astimezone()

    def pass_by(self, seconds: float) -> None:
        self.steady += seconds
        self.wall += timedelta(seconds=seconds)


@pytest.fixture
def clocks(monkeypatch) -> Clocks:
    clocks = Clocks()
    monkeypatch.setattr(time, "monotonic", lambda: clocks.steady)
    monkeypatch.setattr(app, "now", lambda: clocks.wall)
    return clocks


@pytest.fixture
def rung(monkeypatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(
        beat.SteadyScheduler, "apply_entry", lambda _self, entry, producer=None: found.append(entry.task)
    )
    monkeypatch.setattr(beat.SteadyScheduler, "producer", None)
    return found


@pytest.mark.parametrize("jump", [timedelta(hours=2), -timedelta(hours=2)])
def test_F32_a_clock_that_jumps_stops_no_sweep(clocks, rung, jump) -> None:
    scheduler = beat.SteadyScheduler(app)
    scheduler.tick()
    assert set(rung) == {entry["task"] for entry in app.conf.beat_schedule.values()}  # all of it once, at the start
    clocks.wall += jump
    for _second in range(30):
        clocks.pass_by(1)
        scheduler.tick()
    assert rung.count("tickets.dispatch_outbox") == rung.count("tickets.sweep") == rung.count("notify.sweep") == 7
    assert rung.count("accounts.purge") == 1


def test_it_sleeps_until_the_next_is_due(clocks, rung) -> None:
    scheduler = beat.SteadyScheduler(app)
    assert scheduler.tick() == 5
    clocks.pass_by(3)
    assert scheduler.tick() == 2
