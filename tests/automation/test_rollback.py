"""Rollback of a run, as signed with its plan (I08, I13, I14, A32, A33)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from automation.actions.library import Library
from automation.background.sweep import sweep
from automation.commands.claim import claim
from automation.commands.control import cancel, pause, rerun, resolve, rollback
from automation.commands.finish import finish
from automation.errors import JobExpired, NoRollback, NothingToRollBack, NotPausable
from automation.executors.base import HostResult
from automation.executors.verdict import PAUSED, Verdict
from automation.models import Job
from automation.queries.jobs import allowed_actions
from tests.automation.world import approve, approved_job, kinds, log_of, publish, submit
from tickets.audit.verify import verify
from tickets.background.dispatch import dispatch
from tickets.commands.withdraw import withdraw
from tickets.errors import AlreadyRunning, Invalid, NotAllowed, NotFound, PlanRefused, WrongState
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
THREE = ["demo-01", "demo-02", "demo-03"]
BACK = "rollback: {action: database.run_change, params: {database: '\"orders\"', sql: '\"DROP TABLE y\"'}}"


@pytest.fixture(autouse=True)
def rings(monkeypatch) -> list[tuple]:
    heard: list[tuple] = []
    monkeypatch.setattr("common.doorbell.ring", lambda *what: heard.append(what))
    return heard


@pytest.fixture
def job(people, hosts) -> Job:
    """A job that waits, with a way back."""
    return approved_job("sql", people, THREE, more=f"batch: 1, {BACK}", sql="CREATE TABLE y ()")


def fresh(job: Job) -> Job:
    return Job.objects.select_related("ticket__content", "visit", "content").get(pk=job.pk)


def ran(job: Job, outcome: str, *statuses: str) -> Job:
    """The job after one attempt that came to this; a status for each of its hosts."""
    claimed = claim(job.pk)
    assert claimed is not None, log_of(job)
    names = [target["name"] for target in claimed.order.targets]
    results = {name: HostResult(status) for name, status in zip(names, statuses, strict=True)}
    assert finish(job.pk, claimed.attempt, "", Verdict(outcome, results))
    return fresh(job)


def roll_back(job: Job, people, **more) -> None:
    rollback(job_id=job.pk, actor=people["erin"], at=timezone.now(), **more)


def statuses(job: Job) -> list[str]:
    return list(job.hosts.order_by("pk").values_list("status", flat=True))


def may(job: Job, people, name: str = "erin") -> list[str]:
    return allowed_actions(people[name], fresh(job), timezone.now())


def is_whole(job: Job) -> bool:
    return not list(verify(Ticket.objects.filter(pk=job.ticket_id)))


def tamper(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement, values)
        cursor.execute("SET session_replication_role = DEFAULT")


def test_the_way_back_is_part_of_what_is_signed(job) -> None:
    back = job.content.plans["run"]["rollback"]
    assert (back["action"], back["params"]["sql"]) == ("database.run_change", "DROP TABLE y")
    tamper(
        "UPDATE tickets_contentversion SET plans = jsonb_set(plans, '{run,rollback,params,sql}', '\"DROP TABLE z\"')"
    )
    assert claim(job.pk) is None
    assert fresh(job).outcome == "refused"


def test_a_plan_without_a_way_back_keeps_its_digest_and_cannot_go_back(people, hosts) -> None:
    job = approved_job("sql", people, THREE, more="rollback: none", sql="SELECT 1")
    assert "rollback" not in job.content.plans["run"]
    job = ran(job, "failed", "failed", "failed", "failed")
    assert "rollback" not in may(job, people)
    with pytest.raises(NoRollback):
        roll_back(job, people)


def test_hosts_that_were_touched_are_taken_back(job, people, rings) -> None:
    job = ran(job, "partial", "changed", "failed", "skipped")
    assert may(job, people) == ["rerun", "rollback", "resolve"]
    rings.clear()
    roll_back(job, people)
    assert rings == [("automation.run", job.pk)]
    assert fresh(job).ticket.state == "executing"
    claimed = claim(job.pk)
    assert claimed is not None
    assert [target["name"] for target in claimed.order.targets] == ["demo-01", "demo-02"]
    assert claimed.order.params["sql"] == "DROP TABLE y"
    assert claimed.order.on_failure == "continue"
    results = {name: HostResult("changed") for name in THREE[:2]}
    assert finish(job.pk, 2, "", Verdict("ok", results))
    job = fresh(job)
    assert (job.state, job.outcome, job.ticket.state) == ("failed", "rolled_back", "failed")
    assert statuses(job) == ["rolled_back", "rolled_back", "skipped"]
    assert may(job, people) == ["rerun", "resolve"]
    assert is_whole(job)
    rerun(job_id=job.pk, actor=people["erin"], at=timezone.now(), hosts="failed", comment="")
    job = ran(job, "ok", "changed", "changed", "changed")
    assert (job.state, job.is_rollback, job.ticket.state) == ("completed", False, "completed")


def test_pages_are_told_which_hosts_were_touched(job, people) -> None:
    job = ran(job, "partial", "changed", "failed", "skipped")
    browser = Client()
    browser.force_login(people["erin"])
    shown = browser.get(f"/api/v1/jobs/{job.pk}").json()
    assert [host["touched"] for host in shown["hosts"]] == [True, True, False]


def test_I14_what_is_taken_back_is_not_taken_back_twice(job, people) -> None:
    job = ran(job, "partial", "changed", "failed", "skipped")
    roll_back(job, people)
    with pytest.raises(WrongState):
        roll_back(job, people)
    job = ran(job, "ok", "changed", "ok")
    with pytest.raises(NothingToRollBack):
        roll_back(job, people)
    assert kinds(job.ticket).count("job.rollback") == 1


def test_a_way_back_that_fails_somewhere_can_be_gone_again_there(job, people) -> None:
    job = ran(job, "partial", "changed", "failed", "skipped")
    roll_back(job, people)
    job = ran(job, "partial", "changed", "failed")
    assert (job.state, job.outcome) == ("failed", "partial")
    roll_back(job, people)
    assert [target["name"] for target in claim(job.pk).order.targets] == ["demo-02"]


def test_single_hosts_can_be_taken_back(job, people) -> None:
    job = ran(job, "partial", "changed", "changed", "skipped")
    with pytest.raises(Invalid):
        roll_back(job, people, hosts=["demo-03"])
    roll_back(job, people, hosts=["demo-02"])
    job = ran(job, "ok", "changed")
    assert statuses(job) == ["changed", "rolled_back", "skipped"]
    assert "rollback" in may(job, people)


def test_I08_a_release_that_turns_out_bad_is_taken_back_after_the_ticket_has_ended(job, people) -> None:
    job = ran(job, "ok", "changed", "changed", "ok")
    assert (job.state, job.ticket.state) == ("completed", "completed")
    assert may(job, people) == ["rollback"]
    roll_back(job, people, comment="errors since")
    assert fresh(job).ticket.state == "completed"
    dispatch()  # late news of the closed node
    sweep()
    job = ran(job, "ok", "changed", "changed")
    assert (job.state, job.outcome, job.ticket.state) == ("failed", "rolled_back", "completed")
    assert kinds(job.ticket)[-3:] == ["job.rollback", "job.started", "job.finished"]
    assert may(job, people) == []
    assert is_whole(job)
    with pytest.raises(WrongState):
        rerun(job_id=job.pk, actor=people["erin"], at=timezone.now(), hosts="all", comment="")


def test_F30_a_way_back_whose_worker_died_is_unknown_and_the_ticket_stays(job, people) -> None:
    job = ran(job, "ok", "changed", "changed", "changed")
    roll_back(job, people)
    assert claim(job.pk)
    Job.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=5))
    sweep()
    job = fresh(job)
    assert (job.state, job.outcome, job.ticket.state) == ("failed", "unknown", "completed")
    assert is_whole(job)


def test_a_cancelled_way_back_leaves_the_hosts_touched(job, people) -> None:
    job = ran(job, "ok", "changed", "changed", "changed")
    roll_back(job, people)
    cancel(job_id=job.pk, actor=people["erin"], at=timezone.now())
    job = fresh(job)
    assert (job.state, job.ticket.state, statuses(job)) == ("cancelled", "completed", ["not_reached"] * 3)
    assert may(job, people) == ["rollback"]
    roll_back(job, people)
    assert claim(job.pk) is not None


def test_a_paused_run_is_taken_back_where_it_has_been(job, people) -> None:
    claimed = claim(job.pk)
    left = {"demo-02": HostResult("waiting"), "demo-03": HostResult("waiting")}
    assert finish(job.pk, claimed.attempt, "", Verdict(PAUSED, {"demo-01": HostResult("changed"), **left}))
    assert may(job, people) == ["resume", "rollback", "cancel"]
    roll_back(job, people)
    assert statuses(job) == ["waiting", "not_reached", "not_reached"]
    assert claim(job.pk) is not None
    with pytest.raises(NotPausable):
        pause(job_id=job.pk, actor=people["erin"], at=timezone.now())
    assert "pause" not in may(job, people)


def test_I17_nobody_walks_away_while_it_is_taken_back(job, people) -> None:
    job = ran(job, "failed", "failed", "skipped", "skipped")
    roll_back(job, people)
    with pytest.raises(AlreadyRunning):
        withdraw(number=job.ticket.number, actor=people["alice"], at=timezone.now())


def test_after_a_withdrawal_it_can_still_be_taken_back(job, people) -> None:
    job = ran(job, "failed", "failed", "skipped", "skipped")
    withdraw(number=job.ticket.number, actor=people["alice"], at=timezone.now())
    roll_back(job, people)
    job = ran(job, "ok", "changed")
    assert (job.outcome, job.ticket.state) == ("rolled_back", "withdrawn")


def test_after_a_resolution_it_can_still_be_taken_back(job, people) -> None:
    job = ran(job, "failed", "failed", "skipped", "skipped")
    resolve(job_id=job.pk, actor=people["erin"], at=timezone.now(), comment="by hand")
    roll_back(job, people)
    assert ran(job, "ok", "ok").ticket.state == "completed"


def test_A33_no_way_back_outside_the_validity(job, people) -> None:
    job = ran(job, "ok", "changed", "changed", "changed")
    assert allowed_actions(people["erin"], job, job.expires_at) == []
    with pytest.raises(JobExpired):
        rollback(job_id=job.pk, actor=people["erin"], at=job.expires_at)


def test_who_may_take_it_back(job, people) -> None:
    job = ran(job, "ok", "changed", "changed", "changed")
    for name, error in (("heidi", NotFound), ("bob", NotAllowed), ("alice", NotAllowed)):
        with pytest.raises(error):
            rollback(job_id=job.pk, actor=people[name], at=timezone.now())
    assert may(job, people, "alice") == []


@pytest.mark.parametrize("is_rollback", ["true", "false"])
def test_A32_a_row_set_back_to_run_or_to_go_back_starts_nothing(job, people, is_rollback) -> None:
    ran(job, "ok", "changed", "changed", "changed")
    tamper(
        f"UPDATE automation_job SET state = 'waiting', outcome = '', finished_at = NULL, is_rollback = {is_rollback}"
    )
    assert claim(job.pk) is None
    assert kinds(job.ticket).count("job.started") == 1
    if is_rollback == "true":
        assert fresh(job).outcome == "refused"
        assert "execution.refused" in kinds(job.ticket)


def test_A32_a_way_back_made_a_run_and_the_other_way_round_start_nothing(job, people) -> None:
    job = ran(job, "failed", "failed", "skipped", "skipped")
    roll_back(job, people)
    tamper("UPDATE automation_job SET is_rollback = false")
    assert claim(job.pk) is None
    assert kinds(job.ticket).count("job.started") == 1


def test_previous_is_the_actions_own_way_back(people, hosts, monkeypatch) -> None:
    real = Library.action
    own = {"action": "database.run_change", "params": {"database": "{database}", "sql": "DROP TABLE y"}}

    def with_own(self, key, *given):
        action = real(self, key, *given)
        return replace(action, rollback=own) if action and key == "database.run_change" else action

    monkeypatch.setattr(Library, "action", with_own)
    monkeypatch.setattr(Library, "get", lambda self, key: a.info() if (a := with_own(self, key)) else None)
    job = approved_job("sql", people, ["demo-01"], more="rollback: previous", sql="CREATE TABLE y ()")
    back = job.content.plans["run"]["rollback"]
    assert back["params"] == {"database": "orders", "sql": "DROP TABLE y"}


def test_a_way_back_that_its_action_refuses_is_told_at_submission(people, hosts) -> None:
    publish("sql", "rollback: {action: database.run_change, params: {database: form.sql, sql: form.sql}}")
    with pytest.raises(PlanRefused) as refused:
        submit("sql", people, ["demo-01"], sql="not a name of a database")
    assert refused.value.errors[0]["path"] == "form.sql"


def test_the_pages_calls(job, people, client) -> None:
    client.force_login(people["erin"], backend="accounts.backends.PasswordBackend")
    ran(job, "partial", "changed", "failed", "skipped")
    shown = client.get(f"/api/v1/jobs/{job.pk}").json()
    assert shown["progress"] == {"batch": 3, "batches": 3, "done": 3, "total": 3}
    assert shown["plan"]["rollback"]["params"]["sql"] == "DROP TABLE y"
    assert len(shown["back"]["command"]) == 1
    answer = client.post(f"/api/v1/jobs/{job.pk}/rollback", {"hosts": ["demo-01"]}, "application/json")
    assert (answer.status_code, answer.json()["state"], answer.json()["is_rollback"]) == (200, "waiting", True)
    assert answer.json()["progress"] == {"batch": 1, "batches": 1, "done": 0, "total": 1}


def test_approvers_see_the_way_back(people, hosts, client) -> None:
    publish("sql", BACK)
    ticket = submit("sql", people, ["demo-01"], sql="CREATE TABLE y ()")
    client.force_login(people["bob"], backend="accounts.backends.PasswordBackend")
    plan = client.get(f"/api/v1/tickets/{ticket.number}").json()["plans"][0]
    assert plan["rollback"]["action"] == "database.run_change"
    assert plan["back"]["command"]
    approve(ticket, people)
