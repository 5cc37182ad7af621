"""Progress, not liveness: overdue work is reported, and nothing else (F18, F21)."""

from datetime import timedelta

import pytest
from celery import signals
from celery.exceptions import InvalidTaskError
from django.core.management import call_command
from django.db.models.functions import Now

from automation.models.dry_run import DryRun
from config import progress, pulses
from config.celery import app
from config.consumer import refuse
from config.models import Pulse
from notify.models import Delivery
from tests.factories import LEAVE, NGINX, submit
from tickets.background.dispatch import dispatch
from tickets.models import Outbox, Timer

pytestmark = pytest.mark.usefixtures("world")
LONG_AGO = timedelta(seconds=progress.LIMIT_S + 15)


def beat_ago(ago: timedelta, *names: str) -> None:
    for name in names or (*pulses.FROM_BEGINNING, *pulses.FROM_END):
        Pulse.objects.update_or_create(name=name, defaults={"at": Now() - ago})


def submitted() -> None:
    submit("leave", LEAVE)
    Timer.objects.all().delete()


def delivery_due(ago: timedelta) -> None:
    submitted()
    dispatch()
    waiting = Delivery.objects.filter(state="queued")
    assert waiting.update(due_at=Now() - ago)


def event_due(ago: timedelta) -> None:
    submitted()
    Outbox.objects.update(due_at=Now() - ago)


def timer_due(ago: timedelta) -> None:
    submit("leave", LEAVE)
    dispatch()
    Delivery.objects.all().delete()
    Timer.objects.update(due_at=Now() - ago)
    assert Timer.objects.exists()


def dry_run_due(ago: timedelta) -> None:
    submit("nginx-config-sync", NGINX)
    Timer.objects.all().delete()
    dispatch()
    Delivery.objects.all().delete()
    assert DryRun.objects.filter(state="waiting").update(created_at=Now() - ago)


WAITS = {"outbox": event_due, "delivery": delivery_due, "timer": timer_due, "dry_run": dry_run_due}


@pytest.mark.parametrize("kind", WAITS)
def test_F18_what_waits_while_nobody_comes_makes_the_site_unready_and_names_it(client, kind) -> None:
    WAITS[kind](LONG_AGO)
    beat_ago(LONG_AGO)
    answer = client.get("/readyz")
    found = answer.json()
    assert (answer.status_code, found["ok"], found["stuck"]) == (503, False, [kind])
    assert LONG_AGO.seconds <= found["progress"][f"{kind}_age_s"] < LONG_AGO.seconds + 30


@pytest.mark.parametrize("kind", WAITS)
def test_F18_nobody_ever_came(client, kind) -> None:
    WAITS[kind](LONG_AGO)
    assert client.get("/readyz").json()["stuck"] == [kind]


@pytest.mark.parametrize("kind", WAITS)
def test_F38_a_backlog_that_is_worked_off_is_no_trouble(client, kind) -> None:
    WAITS[kind](timedelta(hours=1))
    beat_ago(timedelta(seconds=3))
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["progress"][f"{kind}_age_s"] >= 3600


def test_F21_deliveries_that_back_off_or_are_under_way_do_not_wait(client) -> None:
    delivery_due(LONG_AGO)
    beat_ago(LONG_AGO)
    Delivery.objects.filter(state="queued").update(state="failed", due_at=Now() + timedelta(minutes=20))
    assert client.get("/readyz").status_code == 200
    Delivery.objects.filter(state="failed").update(due_at=Now() - LONG_AGO, lease_until=Now() + timedelta(seconds=60))
    assert client.get("/readyz").status_code == 200


def test_nothing_waits_and_all_is_well_whoever_sleeps(client) -> None:
    beat_ago(timedelta(days=1))
    answer = client.get("/readyz")
    ages = answer.json()["progress"]
    assert answer.status_code == 200
    assert [ages[f"{kind}_age_s"] for kind in progress.TAKEN_BY] == [0, 0, 0, 0, 0]


def test_F32_a_sign_of_life_from_the_future_is_none(client) -> None:
    event_due(LONG_AGO)
    beat_ago(-timedelta(hours=1))
    assert client.get("/readyz").json()["stuck"] == ["outbox"]


def test_a_sweep_that_fails_is_no_sign_of_life() -> None:
    app.loader.import_default_modules()
    task = app.tasks["tickets.dispatch_outbox"]
    signals.task_postrun.send(sender=task, task=task, state="FAILURE")
    assert not Pulse.objects.exists()
    signals.task_postrun.send(sender=task, task=task, state="SUCCESS")
    signals.task_postrun.send(sender=task, task=task, state="SUCCESS")
    assert Pulse.objects.get().count == 2


def test_metrics_say_how_long_the_oldest_waits(client) -> None:
    event_due(timedelta(minutes=5))
    beat_ago(timedelta(seconds=3))
    refuse("altered", InvalidTaskError())
    lines = dict(line.rsplit(" ", 1) for line in client.get("/metrics").content.decode().splitlines() if line[0] != "#")
    assert float(lines["baton_outbox_age_seconds"]) >= 300
    assert 3 <= float(lines["baton_sweep_age_seconds"]) < 30
    assert lines["baton_messages_refused_total"] == "1"


def doctor(capsys) -> str:
    with pytest.raises(SystemExit):
        call_command("doctor")
    return capsys.readouterr().out


def test_the_doctor_says_what_to_restart(capsys) -> None:
    assert "✕ progress: the last sweep ran never" in doctor(capsys)
    event_due(LONG_AGO)
    beat_ago(LONG_AGO)
    assert "✕ progress: work is due and nobody takes it: outbox for " in doctor(capsys)
    beat_ago(timedelta(seconds=1))
    assert "✓ progress\n" in doctor(capsys)


def test_A31_the_doctor_says_that_somebody_else_writes_to_the_broker(capsys) -> None:
    assert "✓ messages\n" in doctor(capsys)
    refuse("unknown_task")
    refuse("altered")
    assert "✕ messages: 2 were not Baton's" in doctor(capsys)


def test_A32_metrics_and_doctor_say_that_somebody_else_writes_to_the_database(client, capsys) -> None:
    assert "✓ rows\n" in doctor(capsys)
    pulses.beat("unsealed:tap")
    pulses.beat("unsealed:card")
    assert "✕ rows: 2 rows that decide were not written by Baton" in doctor(capsys)
    assert "baton_rows_refused_total 2" in client.get("/metrics").content.decode()
    assert progress.measure().pulses == {}


def test_F18_what_is_stuck_is_named_for_a_timer_that_restarts_it(capsys) -> None:
    beat_ago(timedelta(seconds=1))
    call_command("stuck")
    assert capsys.readouterr().out == ""
    beat_ago(3 * LONG_AGO, "config.executor_pulse")
    with pytest.raises(SystemExit):
        call_command("stuck")
    assert capsys.readouterr().out == "executor\n"
    beat_ago(3 * LONG_AGO, "notify.sweep")
    with pytest.raises(SystemExit):
        call_command("stuck")
    assert set(capsys.readouterr().out.split()) == {"executor", "worker", "beat"}
