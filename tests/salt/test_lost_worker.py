"""A job whose executor was killed during a run: Salt is asked, and nothing starts twice (I14, F05, F30)."""

import multiprocessing
import signal
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connections
from django.db.models.functions import Now

from automation.actions.library import library
from automation.background.run import run as run_job
from automation.background.sweep import sweep
from automation.commands.control import cancel
from automation.commands.late_results import ASKING
from automation.models import Job
from tests.automation.pipelines import staged_job
from tests.automation.world import TEMPLATES, approve, approved_job, log_of, make_people, submit
from tests.salt.world import action
from tickets.background.dispatch import dispatch

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def count(tmp_path: Path, settings, monkeypatch) -> Path:
    """A file with a line for each time that the shipped action `test.salt`, which takes some seconds, was done."""
    settings.JOURNAL_DIR = str(tmp_path / "journal")
    path = tmp_path / "count"
    states = f"Wait:\n  cmd.run: [{{name: 'touch {path}; sleep 3; echo done >> {path}'}}]\n"
    monkeypatch.setitem(library().shipped, "test.salt", action(tmp_path, {"state": "states.yaml"}, states))
    monkeypatch.setitem(TEMPLATES, "slow", ("test.salt", "", ""))
    return path


def kill_in_the_middle(job: Job, is_at_it: Callable[[], bool], eventually) -> None:
    """An executor of its own begins the job and is killed; then its lease runs out."""
    connections.close_all()
    worker = multiprocessing.get_context("fork").Process(target=run_job, args=(job.pk,))
    worker.start()
    eventually(is_at_it, "the run")
    worker.kill()
    worker.join()
    lease_runs_out(job)


def lease_runs_out(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(heartbeat_at=Now() - timedelta(seconds=21), rung_at=None)


def asked(job: Job) -> Job:
    """The sweep rings, an executor hears it."""
    lease_runs_out(job)
    sweep()
    run_job(job.pk)
    return Job.objects.get(pk=job.pk)


def test_F05_F30_I14_what_salt_has_finished_is_finished_and_the_ticket_goes_on(fleet, hosts, count, eventually):
    job = approved_job("slow", make_people(), ["web-salt-01", "web-salt-02"])
    kill_in_the_middle(job, count.exists, eventually)
    sweep()
    after = Job.objects.get(pk=job.pk)
    assert (after.state, after.rung_at is not None) == ("running", True)  # rung for, not lost
    done = eventually(lambda: (found := asked(job)).state != "running" and found, "the end")
    assert (done.state, done.outcome, done.attempt) == ("completed", "ok", 1), log_of(job)
    assert dict(done.hosts.values_list("name", "status")) == {"web-salt-01": "changed", "web-salt-02": "changed"}
    assert log_of(job).count(ASKING) == 1
    done.ticket.refresh_from_db()
    assert done.ticket.state == "completed"
    assert count.read_text().split() == ["done", "done"]


def test_F05_a_batch_that_was_never_begun_is_unknown_and_what_was_done_is_kept(fleet, hosts, count, eventually):
    people = make_people()
    job = approved_job("slow", people, ["web-salt-01", "web-salt-02"], "batch: 1")
    kill_in_the_middle(job, count.exists, eventually)
    eventually(lambda: asked(job).hosts.get(name="web-salt-01").status == "changed", "the first host")
    assert Job.objects.get(pk=job.pk).state == "running"
    cancel(job_id=job.pk, actor=people["alice"], at=job.created_at)
    lost = asked(job)
    assert (lost.state, lost.outcome, lost.attempt) == ("failed", "unknown", 1), log_of(job)
    assert dict(lost.hosts.values_list("name", "status")) == {"web-salt-01": "changed", "web-salt-02": "unknown"}
    assert count.read_text().split() == ["done"]


def test_F05_F30_of_several_stages_each_is_asked_and_the_ticket_goes_on(fleet, hosts, count, monkeypatch, eventually):
    first = action(count.parent, {"function": "test.ping"}, key="test.first")
    monkeypatch.setitem(library().shipped, "test.first", first)
    stages = "[{action: test.first}, {action: test.salt}]"
    job = staged_job(make_people(), ["web-salt-01", "web-salt-02"], stages)
    kill_in_the_middle(job, count.exists, eventually)
    done = eventually(lambda: (found := asked(job)).state != "running" and found, "the end")
    assert (done.state, done.outcome, done.attempt) == ("completed", "ok", 1), log_of(job)
    assert dict(done.hosts.values_list("name", "status")) == {"web-salt-01": "changed", "web-salt-02": "changed"}
    assert count.read_text().split() == ["done", "done"]


def test_F28_F29_a_minion_that_may_still_be_at_work_keeps_its_host_until_its_late_answer(
    fleet, hosts, count, impatient, eventually
):
    people = make_people()
    job = approved_job("slow", people, ["web-salt-01"])

    def freeze() -> bool:
        if not count.exists():
            return False
        fleet.signal("salt-01", signal.SIGSTOP)
        return True

    watcher = threading.Thread(target=lambda: eventually(freeze, "the run"))
    watcher.start()
    run_job(job.pk)
    watcher.join()
    lost = Job.objects.get(pk=job.pk)
    assert (lost.outcome, lost.holds_hosts) == ("unknown", True), log_of(job)
    ticket = submit("slow", people, ["web-salt-01"])
    approve(ticket, people)
    dispatch()
    second = Job.objects.get(ticket=ticket)
    run_job(second.pk)
    assert Job.objects.get(pk=second.pk).state == "waiting"
    fleet.signal("salt-01", signal.SIGCONT)
    eventually(lambda: run_job(job.pk) or not Job.objects.get(pk=job.pk).holds_hosts, "the late answer")
    assert job.hosts.get().status == "changed"
    run_job(second.pk)
    assert Job.objects.get(pk=second.pk).outcome == "ok"
    assert count.read_text().split() == ["done", "done"]


def test_F06_where_no_executor_asks_the_job_is_lost_a_minute_later(fleet, hosts, count, eventually):
    job = approved_job("slow", make_people(), ["web-salt-01"])
    kill_in_the_middle(job, count.exists, eventually)
    fleet.kill("salt-api")
    assert asked(job).state == "running"
    Job.objects.filter(pk=job.pk).update(heartbeat_at=Now() - timedelta(seconds=81))
    sweep()
    lost = Job.objects.get(pk=job.pk)
    assert (lost.state, lost.outcome) == ("failed", "unknown")
    assert lost.hosts.get().status == "unknown"
