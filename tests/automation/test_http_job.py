"""An action of the executor http, from a real approval to the other system and back (I13, I14, I24)."""

import multiprocessing
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connections
from django.db.models.functions import Now
from django.utils import timezone

from automation.actions.library import library
from automation.background.run import run
from automation.background.sweep import sweep
from automation.commands.control import cancel, rerun
from automation.executors.http import calls
from automation.models import Job
from tests.automation import world
from tests.automation.keys import keep, use_keys
from tests.automation.test_http import TOKEN, System, section
from tests.automation.world import approved_job, log_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def job(people, hosts, settings, monkeypatch):
    """(system, job): alice's record, approved, to be set through the API."""
    monkeypatch.setattr(calls, "PAUSE_S", 0.01)
    use_keys(settings)
    erin = people["erin"]
    erin.is_admin = True
    erin.save()
    keep(erin, "dns", "token", secret={"token": TOKEN})
    with System() as system:
        settings.HTTP_HOSTS = [system.url]
        action = replace(library().action("manual.task"), executor="http", credentials=("dns",), run=section(
            system, body={"object": {"name": {"param": "task"}}}))  # fmt: skip
        monkeypatch.setitem(library().shipped, "manual.task", action)
        field = "  - {key: task, type: textarea, label: Task, required: true}"
        monkeypatch.setitem(world.TEMPLATES, "api", ("manual.task", field, "task: form.task"))
        yield system, approved_job("api", people, ["demo-01", "demo-02"], task="www")


def test_what_was_approved_is_sent_once_per_host_with_the_token_that_nobody_sees(job) -> None:
    system, job = job
    run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.outcome) == ("completed", "ok"), log_of(job)
    assert [body for _key, body in system.effects] == [{"name": "www"}] * 2
    assert system.requests[0][2]["Authorization"] == f"Bearer {TOKEN}"
    assert TOKEN not in log_of(job)
    run(job.pk)
    assert len(system.effects) == 2


def test_F28_a_lost_answer_is_unknown_until_a_person_says_so_and_a_rerun_has_a_key_of_its_own(job, people) -> None:
    system, job = job
    system.lose = ["before"]
    run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.outcome) == ("failed", "unknown")
    assert dict(job.hosts.values_list("name", "status")) == {"demo-01": "unknown", "demo-02": "changed"}
    rerun(job_id=job.pk, actor=people["erin"], at=timezone.now(), hosts="failed", comment="it did not arrive there")
    run(job.pk)
    job.refresh_from_db()
    assert job.outcome == "ok", log_of(job)
    assert len({key for key, _body in system.effects}) == len(system.effects) == 2


def test_I24_a_token_that_the_system_writes_back_is_masked(job) -> None:
    system, job = job
    system.lose = [400, 400]
    system.error = f"bad token {TOKEN}"
    run(job.pk)
    job.refresh_from_db()
    said = " ".join(job.hosts.values_list("message", flat=True)) + log_of(job)
    assert "Answered 400" in said
    assert TOKEN not in said


def test_F05_F30_I14_a_job_whose_executor_was_killed_is_asked_for_by_its_key(job, people, eventually) -> None:
    system, job = job
    system.slow = 10_000
    connections.close_all()
    worker = multiprocessing.get_context("fork").Process(target=run, args=(job.pk,))
    worker.start()
    eventually(lambda: len(system.effects) == 1)
    worker.kill()
    worker.join()

    def asked() -> Job:
        Job.objects.filter(pk=job.pk).update(heartbeat_at=Now() - timedelta(seconds=21), rung_at=None)
        sweep()
        run(job.pk)
        return Job.objects.get(pk=job.pk)

    found = asked()
    assert (found.state, found.rung_at is not None) == ("running", True)
    for operation in system.operations.values():
        operation["left"] = 0
    eventually(lambda: asked().hosts.get(name="demo-01").status == "changed")
    cancel(job_id=job.pk, actor=people["alice"], at=timezone.now())
    found = asked()
    assert (found.state, found.outcome, found.attempt) == ("failed", "unknown", 1)
    assert dict(found.hosts.values_list("name", "status")) == {"demo-01": "changed", "demo-02": "unknown"}
    assert len(system.effects) == 1
