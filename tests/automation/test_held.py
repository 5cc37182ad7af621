"""Hosts where something may still run are held until an answer comes or a person releases them."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from automation import executors
from automation.background.run import run
from automation.background.sweep import sweep
from automation.commands.claim import claim
from automation.commands.control import rerun, resolve, rollback
from automation.commands.finish import finish
from automation.executors.base import HostResult
from automation.executors.verdict import Verdict
from automation.jobs.locks import Wait, waits
from automation.models import Job
from automation.queries.jobs import allowed_actions, get_job
from tests.automation.world import approve, log_of, publish, submit
from tickets.background.dispatch import dispatch
from tickets.commands.withdraw import withdraw
from tickets.errors import NotAllowed, WrongState

pytestmark = pytest.mark.django_db
CHANGED, UNKNOWN = HostResult("changed", changed=True), HostResult("unknown", message="no word")
OUTSIDE = frozenset({"ansible"})


@pytest.fixture
def rings(monkeypatch) -> list[int]:
    """The jobs that were rung for."""
    heard: list[int] = []
    monkeypatch.setattr(
        "common.doorbell.ring", lambda task, *ids: heard.extend(ids) if task == "automation.run" else None
    )
    return heard


@pytest.fixture
def known(monkeypatch) -> dict[str, HostResult]:
    """What the other system knows now; these jobs are done by one."""
    found: dict[str, HostResult] = {}
    monkeypatch.setattr("automation.jobs.locks.TRACED", OUTSIDE)
    monkeypatch.setattr(executors, "TRACED", OUTSIDE)
    monkeypatch.setattr(executors, "look_up", lambda _order: dict(found))
    return found


@pytest.fixture
def make(people, hosts, rings, known):
    """Makes a change on these hosts that waits."""
    publish("sql", "rollback: {action: database.run_change, params: {database: '\"orders\"', sql: '\"DROP TABLE y\"'}}")

    def made(*names: str) -> Job:
        ticket = submit("sql", people, list(names), sql="SELECT 1")
        approve(ticket, people)
        dispatch()
        return Job.objects.select_related("ticket").get(ticket=ticket)

    return made


@pytest.fixture
def lost(make) -> Job:
    """One that changed demo-01, and nobody knows about demo-02."""
    job = make("demo-01", "demo-02")
    assert claim(job.pk)
    assert finish(job.pk, 1, "", Verdict("unknown", {"demo-01": CHANGED, "demo-02": UNKNOWN}))
    return Job.objects.get(pk=job.pk)


def now(job: Job) -> Job:
    return Job.objects.select_related("ticket").get(pk=job.pk)


def test_F28_an_unknown_host_is_held_and_a_known_one_is_not(lost, make) -> None:
    assert lost.holds_hosts
    held, free = make("demo-02"), make("demo-01")
    assert claim(held.pk) is None
    assert (now(held).state, now(held).attempt) == ("waiting", 0)
    assert waits([held.pk]) == {held.pk: [Wait(lost.pk, is_running=False, host="demo-02", is_held=True)]}
    assert claim(free.pk)


def test_F04_a_worker_that_died_holds_what_another_system_may_still_do(make) -> None:
    first, second = make("demo-01"), make("demo-01")
    assert claim(first.pk)
    Job.objects.filter(pk=first.pk).update(heartbeat_at=Now() - timedelta(seconds=90))
    sweep()
    assert (now(first).outcome, now(first).holds_hosts) == ("unknown", True)
    assert claim(second.pk) is None


def test_what_ended_with_its_worker_holds_nothing(make, monkeypatch) -> None:
    monkeypatch.setattr("automation.jobs.locks.TRACED", frozenset({"salt"}))
    first, second = make("demo-01"), make("demo-01")
    assert claim(first.pk)
    assert finish(first.pk, 1, "", Verdict("unknown", {"demo-01": UNKNOWN}))
    assert not now(first).holds_hosts
    assert claim(second.pk)


def test_an_operator_frees_the_hosts_by_resolving_it(lost, make, people, rings) -> None:
    second = make("demo-02")
    assert claim(second.pk) is None
    rings.clear()
    resolve(job_id=lost.pk, actor=people["erin"], at=timezone.now(), comment="I looked: it is done")
    assert second.pk in rings
    assert now(lost).ticket.state == "completed"
    assert claim(second.pk)


def test_an_operator_frees_the_hosts_of_a_ticket_that_was_withdrawn_as_well(lost, make, people) -> None:
    second = make("demo-02")
    withdraw(number=lost.ticket.number, actor=people["alice"], at=timezone.now(), comment="never mind")
    assert claim(second.pk) is None
    job = get_job(people["erin"], lost.pk, timezone.now())
    assert "resolve" in allowed_actions(people["erin"], job, timezone.now())
    assert "resolve" not in allowed_actions(people["alice"], job, timezone.now())
    with pytest.raises(NotAllowed):
        resolve(job_id=lost.pk, actor=people["alice"], at=timezone.now(), comment="mine")
    resolve(job_id=lost.pk, actor=people["erin"], at=timezone.now(), comment="nothing runs there")
    assert "erin looked at the hosts: nothing runs there" in log_of(lost)
    assert claim(second.pk)
    with pytest.raises(WrongState):
        resolve(job_id=lost.pk, actor=people["erin"], at=timezone.now(), comment="again")


def test_F29_a_late_answer_is_written_down_and_frees_the_host(lost, make, known, rings) -> None:
    second = make("demo-02")
    run(lost.pk)
    assert claim(second.pk) is None  # nothing new
    known["demo-02"] = CHANGED
    rings.clear()
    run(lost.pk)
    after = now(lost)
    assert (after.state, after.outcome, after.holds_hosts) == ("failed", "unknown", False)  # a person says what follows
    assert dict(after.hosts.values_list("name", "status")) == {"demo-01": "changed", "demo-02": "changed"}
    assert "Late answers\ndemo-02: changed\n" in log_of(lost)
    assert second.pk in rings
    assert claim(second.pk)


def test_the_sweep_has_it_asked_now_and_then_for_a_day(lost, rings) -> None:
    def swept(**ago: int) -> list[int]:
        Job.objects.filter(pk=lost.pk).update(rung_at=Now() - timedelta(**ago))
        rings.clear()
        sweep()
        return rings

    assert swept(seconds=5) == []
    assert swept(seconds=61) == [lost.pk]
    Job.objects.filter(pk=lost.pk).update(finished_at=Now() - timedelta(days=2))
    assert swept(seconds=61) == []


def test_its_own_rerun_is_not_held_up_by_it(lost, people) -> None:
    rerun(job_id=lost.pk, actor=people["erin"], at=timezone.now(), hosts="failed", comment="I looked")
    assert claim(lost.pk)
    assert finish(lost.pk, 2, "", Verdict("ok", {"demo-02": CHANGED}))
    assert (now(lost).state, now(lost).holds_hosts) == ("completed", False)


def test_a_way_back_on_one_host_leaves_the_unknown_one_held(lost, make, people) -> None:
    second = make("demo-02")
    rollback(job_id=lost.pk, actor=people["erin"], at=timezone.now(), hosts=["demo-01"], comment="I looked")
    assert claim(second.pk) is None
    assert claim(lost.pk)
    assert claim(second.pk) is None
    assert finish(lost.pk, 2, "", Verdict("ok", {"demo-01": HostResult("ok")}))
    assert (now(lost).outcome, now(lost).holds_hosts) == ("rolled_back", True)
    assert claim(second.pk) is None


def test_two_that_hold_each_other_are_freed_by_a_person(lost, make, people) -> None:
    """The only ring there can be: each is to run again, and each holds what the other needs."""
    other = make("demo-03")
    assert claim(other.pk)
    assert finish(other.pk, 1, "", Verdict("unknown", {"demo-03": UNKNOWN}))
    wide = make("demo-02", "demo-03")
    assert claim(wide.pk) is None
    assert {wait.job for wait in waits([wide.pk])[wide.pk]} == {lost.pk, other.pk}
    for job in (lost, other):
        resolve(job_id=job.pk, actor=people["erin"], at=timezone.now(), comment="looked")
    assert claim(wide.pk)


def test_the_queue_says_for_whom_it_waits_and_that_somebody_must_look(lost, make, people) -> None:
    second = make("demo-02")
    browser = Client(headers={"Accept-Language": "en"})
    browser.force_login(people["erin"], backend="accounts.backends.PasswordBackend")
    [row] = browser.get("/api/v1/jobs?queue=true").json()["results"]
    assert row["id"] == second.pk
    assert [(wait["job"], wait["host"], wait["running"], wait["held"]) for wait in row["waits_for"]] == [
        (lost.pk, "demo-02", False, True)
    ]
    assert browser.get(f"/api/v1/jobs/{lost.pk}").json()["holds_hosts"] is True
