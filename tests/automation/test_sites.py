"""Executors per site: each takes jobs for its own hosts; a missing one is reported (A31, A32, F27)."""

from types import SimpleNamespace

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from automation.background import job_slots
from automation.background.run import run
from automation.background.sweep import sweep
from automation.commands.claim import claim
from automation.commands.control import rerun
from automation.executors.base import HostResult
from automation.executors.verdict import Verdict
from automation.jobs import sites
from automation.journal import marks
from automation.models import Host, Job
from common import doorbell
from config import pulses
from config.doctor import work as doctor
from config.models import Pulse
from tests.automation.world import approved_job, log_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rings(monkeypatch) -> list[tuple]:
    """(queue, task, ids) of every bell that was rung."""
    heard: list[tuple] = []
    monkeypatch.setattr(doorbell, "ring", lambda task, *ids: heard.append(("", task, *ids)))
    monkeypatch.setattr(doorbell, "ring_at", lambda queue, task, *ids: heard.append((queue, task, *ids)))
    return heard


@pytest.fixture
def job(people, hosts) -> Job:
    """A job at the site sz."""
    Host.objects.filter(name="demo-01").update(site="sz")
    return approved_job("sql", people, ["demo-01"], sql="SELECT 1")


def fresh(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def shown(person, job: Job) -> dict:
    browser = Client(headers={"Accept-Language": "en"})
    browser.force_login(person, backend="accounts.backends.PasswordBackend")
    detail = browser.get(f"/api/v1/jobs/{job.pk}").json()
    [listed] = browser.get("/api/v1/jobs").json()["results"]
    assert listed["executor_away"] == detail["executor_away"]
    return detail


def test_a_job_is_rung_for_in_the_queue_of_its_site(people, job, rings, settings) -> None:
    assert job.site == "sz"
    assert ("automation.sz", "automation.run", job.pk) in rings
    rings.clear()
    Job.objects.update(rung_at=None)
    sweep()
    assert rings == [("automation.sz", "automation.run", job.pk)]
    settings.SITE = "sz"
    claimed = claim(job.pk)
    from automation.commands.finish import finish

    finish(job.pk, claimed.attempt, "", Verdict("failed", {"demo-01": HostResult("failed")}))
    rings.clear()
    rerun(job_id=job.pk, actor=people["erin"], at=timezone.now(), hosts="all", comment="")
    assert ("automation.sz", "automation.run", job.pk) in rings


def test_A31_an_executor_leaves_a_job_of_another_site_as_it_is(job, settings) -> None:
    for other in ("", "bj"):
        settings.SITE = other
        run(job.pk)  # as a message put into the wrong queue has it
        assert (fresh(job).state, fresh(job).attempt) == ("waiting", 0)
        assert job_slots.next_due(set()) is None
    settings.SITE = "sz"
    assert job_slots.next_due(set()) == job.pk
    assert claim(job.pk) is not None


def test_A32_a_site_changed_in_the_row_is_refused(job, settings) -> None:
    settings.SITE = "bj"
    Job.objects.update(site="bj")
    assert claim(job.pk) is None
    assert (fresh(job).state, fresh(job).outcome) == ("failed", "refused")
    assert "site of the job is not what was signed" in log_of(job)


def test_F27_a_job_whose_executor_is_away_says_so(people, job) -> None:
    assert shown(people["erin"], job)["executor_away"] is True
    assert "sz" in doctor.sites()
    Pulse.objects.create(name=pulses.at_site("sz"), at=Now())
    assert shown(people["erin"], job)["executor_away"] is False
    assert shown(people["erin"], job)["site"] == "sz"
    assert doctor.sites() == "ok"


def test_a_busy_executor_is_there(people, job) -> None:
    other = approved_again(people, job)
    Job.objects.filter(pk=other.pk).update(state="running", heartbeat_at=Now())
    assert sites.silent({"sz", "bj"}) == {"bj"}


def approved_again(people, job: Job) -> Job:
    from tests.automation.world import approve, submit
    from tickets.background.dispatch import dispatch

    ticket = submit("sql", people, ["demo-01"], sql="SELECT 2")
    approve(ticket, people)
    dispatch()
    return Job.objects.get(ticket=ticket)


def test_every_site_is_asked_for_a_sign_of_life(job, rings, settings) -> None:
    rings.clear()
    sites.ring_all()
    assert rings == [("automation.sz", "config.executor_pulse")]
    settings.SITE = "sz"
    pulses._begins(task=SimpleNamespace(name="config.executor_pulse"))
    assert sites.silent({"sz"}) == set()
    assert Pulse.objects.get().name == "config.executor_pulse@sz"


def test_an_executor_of_one_site_does_not_start_on_anothers_queue(settings, monkeypatch) -> None:
    monkeypatch.setattr(job_slots, "_most", job_slots._most)

    def worker(*queues: str) -> SimpleNamespace:
        consumed = dict.fromkeys(queues)
        return SimpleNamespace(concurrency=2, app=SimpleNamespace(
            amqp=SimpleNamespace(queues=SimpleNamespace(consume_from=consumed))))  # fmt: skip

    job_slots._as_many_as_the_worker_has(worker("default", "notify", "automation"))
    settings.SITE = "sz"
    job_slots._as_many_as_the_worker_has(worker("automation.sz"))
    for wrong in ("automation", "automation.bj"):
        with pytest.raises(SystemExit, match=r"BATON_SITE.*automation\.sz"):
            job_slots._as_many_as_the_worker_has(worker(wrong))


def test_I26_each_site_has_a_journal_of_its_own(job, settings) -> None:
    Job.objects.update(journal="a" * 32, entry=5)
    assert marks.may_create()  # the main site's begins anew beside it
    settings.SITE = "sz"
    assert not marks.may_create()


def test_rings_carry_their_queue_to_the_broker(monkeypatch, django_capture_on_commit_callbacks) -> None:
    monkeypatch.undo()
    sent = []
    monkeypatch.setattr("celery.current_app.send_task", lambda *what, **how: sent.append((what, how)))
    monkeypatch.setattr(doorbell, "_quiet_until", 0.0)
    with django_capture_on_commit_callbacks(execute=True):
        doorbell.ring_at("automation.sz", "automation.run", 7)
    doorbell.send_now()
    assert sent == [(("automation.run",), {"args": (7,), "retry": False, "queue": "automation.sz", "expires": 600})]
