"""Health checks for real: Ansible looks after each batch; stops, dead workers and reruns around it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from automation.actions.document import materialise
from automation.background.run import run
from automation.background.sweep import sweep
from automation.commands.control import cancel, rerun
from automation.executors.ansible import workspace
from automation.executors.host_words import CHECKING
from automation.models import Job
from tests.automation.health import CHANGE, SLEEPS, checked_by, put_down
from tests.automation.processes import worker
from tests.automation.world import TEMPLATES, approved_job, log_of, processes_naming

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
TWO = ["demo-01", "demo-02"]


@pytest.fixture(autouse=True)
def _restart(monkeypatch) -> None:
    monkeypatch.setitem(TEMPLATES, "restart", ("service.restart", "", "service: '\"orders\"'"))


@pytest.fixture
def slow(hosts: Path) -> Iterator[None]:
    """The check of a change sleeps for a minute; nothing of it may be left at the end."""
    with checked_by(SLEEPS):
        yield
    assert processes_naming("sleep 61") == []


def ran(job: Job) -> Job:
    run(job.pk)
    return Job.objects.select_related("ticket").get(pk=job.pk)


def statuses(job: Job) -> dict[str, str]:
    return dict(job.hosts.values_list("name", "status"))


def stamped(hosts: Path) -> list[str]:
    return [name for name in TWO if (hosts / name / "run/baton/orders.stamp").exists()]


def test_what_ships_stops_behind_a_service_that_does_not_run_and_a_rerun_goes_on(people, hosts: Path) -> None:
    down = put_down(hosts, "demo-01")
    job = ran(approved_job("restart", people, TWO, more="batch: 1"))
    assert (job.state, job.outcome) == ("failed", "failed"), log_of(job)
    assert statuses(job) == {"demo-01": "failed", "demo-02": "skipped"}
    assert job.hosts.get(name="demo-01").message == "Health check failed: The service orders does not run."
    assert stamped(hosts) == ["demo-01"]

    down.unlink()
    rerun(job_id=job.pk, actor=people["erin"], at=timezone.now(), hosts="failed", comment="")
    job = ran(job)
    assert (job.state, job.outcome, job.ticket.state) == ("completed", "ok", "completed"), log_of(job)
    text = log_of(job)
    assert text.rindex("Batch 1 of 2") < text.rindex("Health check service.status", 0, text.rindex("Batch 2 of 2"))
    assert text.count("Health check service.status") == 3
    assert text.count("PLAY RECAP") == 6


def test_I17_cancel_during_the_check_ends_its_processes(people, slow, in_thread, eventually) -> None:
    job = approved_job("sql", people, TWO, more="batch: 1", sql="SELECT 1")
    thread = in_thread(job.pk)
    eventually(lambda: job.hosts.get(name="demo-01").message)
    eventually(lambda: processes_naming("sleep 61"))
    assert set(job.hosts.values_list("status", "message")) == {("running", CHECKING), ("waiting", "")}
    cancel(job_id=job.pk, actor=people["alice"], at=timezone.now())
    thread.join(20)
    job.refresh_from_db()
    assert (job.state, job.outcome) == ("cancelled", "cancelled"), log_of(job)
    assert statuses(job) == {"demo-01": "cancelled", "demo-02": "not_reached"}
    assert job.hosts.get(name="demo-01").touched


def test_F30_kill_9_of_the_worker_during_the_check(people, slow, home, eventually) -> None:
    job = approved_job("sql", people, TWO[:1], sql="SELECT 1")
    process = worker(job, home, check=(CHANGE, SLEEPS))
    eventually(lambda: job.hosts.get().status == "running")
    eventually(lambda: job.hosts.get().message)
    eventually(lambda: processes_naming("sleep 61"))
    process.kill()
    process.wait()
    eventually(lambda: not processes_naming("sleep 61"))
    Job.objects.filter(pk=job.pk).update(heartbeat_at=Now() - timedelta(seconds=21))
    sweep()
    job.refresh_from_db()
    assert (job.state, job.outcome, job.attempt) == ("failed", "unknown", 1)
    host = job.hosts.get()
    assert (host.status, host.message, host.touched) == ("unknown", CHECKING, True)


def test_A29_the_checks_files_are_judged_as_it_begins(people, hosts: Path, monkeypatch) -> None:
    real = materialise

    def changed(action, folder) -> None:
        real(action, folder)
        if action.key == "service.status":
            raise ValueError("The action has changed since it was approved.")

    monkeypatch.setattr(workspace, "materialise", changed)
    job = ran(approved_job("restart", people, TWO[:1]))
    assert (job.outcome, job.hosts.get().status) == ("failed", "failed"), log_of(job)
    assert job.hosts.get().message == "Health check failed: The action has changed since it was approved."
    assert not list((hosts.parent / "automation/runs").iterdir())
