"""Real batches: approved, run by Ansible on demo hosts, stopped or continued after a failure, rerun."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from automation.background.run import run
from automation.commands.control import pause, rerun, resume
from automation.executors.batched import NOT_TRIED
from automation.models import Job
from tests.automation.world import approved_job, log_of

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
THREE = ["demo-01", "demo-02", "demo-03"]


def ran(job: Job) -> Job:
    run(job.pk)
    return Job.objects.select_related("ticket").get(pk=job.pk)


def statuses(job: Job) -> dict[str, str]:
    return dict(job.hosts.values_list("name", "status"))


def shown(job: Job, user: Any) -> dict[str, Any]:
    client = Client()
    client.force_login(user, backend="accounts.backends.PasswordBackend")
    return client.get(f"/api/v1/jobs/{job.pk}").json()


def break_host(hosts: Path, name: str) -> Path:
    broken = hosts / name / "var/spool"
    broken.write_text("a file where a folder must be")
    return broken


def test_F29_a_failed_batch_stops_the_rest_and_a_rerun_takes_what_is_left(people, hosts: Path) -> None:
    broken = break_host(hosts, "demo-02")
    job = ran(approved_job("sql", people, THREE, more="batch: 1", sql="SELECT 1"))
    assert (job.state, job.outcome) == ("failed", "partial"), log_of(job)
    assert statuses(job) == {"demo-01": "changed", "demo-02": "failed", "demo-03": "skipped"}
    assert job.hosts.get(name="demo-02").message
    assert job.hosts.get(name="demo-03").message == NOT_TRIED
    assert job.ticket.state == "failed"
    assert not list((hosts / "demo-03").rglob("*.sql"))
    answer = shown(job, people["erin"])
    assert (answer["plan"]["batch"], answer["plan"]["on_failure"]) == (1, "stop")
    assert [host["batch"] for host in answer["hosts"]] == [1, 2, 3]

    broken.unlink()
    rerun(job_id=job.pk, actor=people["erin"], at=timezone.now(), hosts="failed", comment="")
    job = ran(job)
    assert (job.state, job.outcome, job.attempt) == ("completed", "ok", 2), log_of(job)
    assert "Attempt 2: database.run_change" in log_of(job)
    assert "Batch 1 of 2: demo-02" in log_of(job)
    assert [host["batch"] for host in shown(job, people["erin"])["hosts"]] == [None, 1, 2]
    assert job.ticket.state == "completed"


def test_continue_goes_on_in_growing_batches_where_ansible_by_itself_would_not(people, hosts: Path) -> None:
    break_host(hosts, "demo-01")
    job = ran(approved_job("sql", people, THREE, more='batch: [1, "100%"], on_failure: continue', sql="SELECT 1"))
    assert (job.state, job.outcome) == ("failed", "partial")
    assert statuses(job) == {"demo-01": "failed", "demo-02": "changed", "demo-03": "changed"}
    text = log_of(job)
    assert text.index("Batch 1 of 2: demo-01\n") < text.index("Batch 2 of 2: demo-02, demo-03\n")
    assert text.count("PLAY RECAP") == 2


def test_a_pause_between_batches_keeps_no_worker_and_a_resume_takes_the_rest(
    people, hosts: Path, in_thread, eventually
) -> None:
    job = approved_job("sql", people, THREE, more="batch: 1", sql="SELECT 1")
    thread = in_thread(job.pk)
    eventually(lambda: Job.objects.get(pk=job.pk).state == "running")
    pause(job_id=job.pk, actor=people["erin"], at=timezone.now())
    thread.join(30)
    job.refresh_from_db()
    assert job.state == "paused", log_of(job)
    done = [name for name, status in statuses(job).items() if status == "changed"]
    assert done in (THREE[:1], THREE[:2])
    assert {name for name in THREE if list((hosts / name).rglob("*.sql"))} == set(done)
    assert "hosts are left" in log_of(job)

    resume(job_id=job.pk, actor=people["erin"], at=timezone.now())
    job = ran(job)
    assert (job.state, job.outcome, job.attempt) == ("completed", "ok", 2), log_of(job)
    assert set(statuses(job).values()) == {"changed"}
    assert log_of(job).count("PLAY RECAP") == 3
    assert job.ticket.state == "completed"
