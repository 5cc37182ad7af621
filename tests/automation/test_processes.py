"""Real processes: cancel, time limit, a killed worker, a lost database (F04, F06, F30, I14)."""

import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from automation.background import run as running
from automation.background.run import run
from automation.background.sweep import sweep
from automation.commands.claim import claim
from automation.commands.control import cancel, rerun
from automation.errors import CommentNeeded
from automation.models import Job
from tests.automation.processes import worker
from tests.automation.world import approved_job, kinds, log_of, processes_naming

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def stuck(hosts: Path) -> Iterator[str]:
    """A file on demo-01 that nobody ever finishes reading: the run hangs in `cat`. Answers its path."""
    release = hosts / "demo-01/etc/os-release"
    release.unlink()
    os.mkfifo(release)
    yield str(release)
    assert processes_naming(str(release)) == []


def run_folders(home: Path) -> list[Path]:
    return list((home / "automation/runs").iterdir())


def test_I17_cancel_ends_every_process_and_settles_the_ticket(people, home, stuck, in_thread, eventually) -> None:
    job = approved_job("look", people, ["demo-01"])
    thread = in_thread(job.pk)
    eventually(lambda: processes_naming(f"cat {stuck}"))
    assert run_folders(home)[0].stat().st_mode & 0o777 == 0o700
    cancel(job_id=job.pk, actor=people["alice"], at=timezone.now())
    thread.join(20)
    assert processes_naming(stuck) == []
    assert run_folders(home) == []
    job.refresh_from_db()
    assert (job.state, job.outcome) == ("cancelled", "cancelled"), log_of(job)
    assert job.hosts.get().status == "cancelled"
    job.ticket.refresh_from_db()
    assert job.ticket.state == "failed"


def test_a_run_ends_at_its_time_limit(people, home, stuck, monkeypatch) -> None:
    job = approved_job("look", people, ["demo-01"])
    claimed = claim(job.pk)
    assert claimed is not None
    [stage] = claimed.stages
    short = replace(stage.order, action=replace(stage.order.action, timeout_s=3))
    monkeypatch.setattr(running, "claim", lambda _id: replace(claimed, stages=(replace(stage, order=short),)))
    run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.outcome) == ("failed", "timed_out"), log_of(job)
    assert processes_naming(stuck) == []


def test_F30_kill_9_of_the_worker_ends_the_run_and_nothing_starts_twice(people, home, stuck, eventually) -> None:
    job = approved_job("look", people, ["demo-01"])
    process = worker(job, home)
    eventually(lambda: processes_naming(f"cat {stuck}"))
    process.kill()
    process.wait()
    eventually(lambda: not processes_naming(stuck))
    eventually(lambda: not run_folders(home))

    run(job.pk)  # the message comes again, as Celery's acks_late has it
    sweep()  # its lease still holds
    job.refresh_from_db()
    assert (job.state, job.attempt) == ("running", 1)

    Job.objects.filter(pk=job.pk).update(heartbeat_at=Now() - timedelta(seconds=21))
    sweep()
    job.refresh_from_db()
    assert (job.state, job.outcome, job.attempt) == ("failed", "unknown", 1)
    assert job.hosts.get().status == "unknown"
    job.ticket.refresh_from_db()
    assert job.ticket.state == "failed"
    sweep()
    run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempt) == ("failed", 1)
    assert kinds(job.ticket).count("job.started") == 1
    with pytest.raises(CommentNeeded):
        rerun(job_id=job.pk, actor=people["erin"], at=timezone.now(), hosts="all", comment=" ")


def test_F30_kill_9_of_the_keeper_leaves_nothing_running(people, home, stuck, in_thread, eventually) -> None:
    job = approved_job("look", people, ["demo-01"])
    thread = in_thread(job.pk)
    eventually(lambda: processes_naming(f"cat {stuck}"))
    keeper = next(
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit()
        and b"keeper.py" in (entry / "cmdline").read_bytes()
        and str(home).encode() in (entry / "cmdline").read_bytes()
    )
    os.kill(keeper, signal.SIGKILL)
    thread.join(20)
    eventually(lambda: not processes_naming(stuck))
    job.refresh_from_db()
    assert (job.state, job.outcome) == ("failed", "unknown"), log_of(job)


def test_F30_a_worker_that_lost_its_job_ends_the_run_and_settles_nothing(
    people, home, stuck, in_thread, eventually
) -> None:
    job = approved_job("look", people, ["demo-01"])
    thread = in_thread(job.pk)
    eventually(lambda: processes_naming(f"cat {stuck}"))
    Job.objects.filter(pk=job.pk).update(attempt=7)  # somebody else's now
    thread.join(20)
    assert processes_naming(stuck) == []
    job.refresh_from_db()
    assert (job.state, job.outcome) == ("running", "")


def test_F30_without_a_lease_the_keeper_ends_the_run_by_itself(people, stuck, in_thread, monkeypatch) -> None:
    monkeypatch.setattr("automation.executors.ansible.execution.FENCE_S", 1.5)
    monkeypatch.setattr("automation.executors.ansible.execution.AnsibleExecution.renew", lambda _self: None)
    job = approved_job("look", people, ["demo-01"])
    thread = in_thread(job.pk)
    thread.join(20)
    job.refresh_from_db()
    assert (job.state, job.outcome) == ("failed", "unknown"), log_of(job)


def test_I14_ten_workers_claim_one_job_and_it_runs_once(people, hosts) -> None:
    job = approved_job("look", people, ["demo-01"])
    claims = []
    barrier = threading.Barrier(10)

    def contend() -> None:
        barrier.wait()
        claims.append(claim(job.pk))
        connection.close()

    threads = [threading.Thread(target=contend) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claims) == 10
    assert sum(claim is not None for claim in claims) == 1
    assert kinds(job.ticket).count("job.started") == 1
