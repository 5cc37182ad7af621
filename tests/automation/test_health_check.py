"""The health check of a plan: signed with it, shown, and nothing else is run in its place (I13, I15, A32)."""

import json
from dataclasses import replace
from unittest.mock import patch

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from automation.actions import releasing
from automation.actions.library import library
from automation.background.run import run
from automation.commands.claim import claim
from automation.commands.control import rollback
from automation.dry_runs.run import run as run_dry
from automation.jobs.locks import waits
from automation.models import DryRun, Job
from templates_engine.store.commands import import_template
from tests.automation.health import CHANGE, LOOK, RUNS, SLEEPS, checked_by
from tests.automation.keys import PASSWORD, keep, use_keys
from tests.automation.pipelines import NOTE, REPORT, known, pretended, staged_job
from tests.automation.world import HEAD, approve, approved_job, log_of, publish, submit
from tickets.background.dispatch import dispatch
from tickets.errors import PlanRefused
from tickets.trail.digests import plan_digest

pytestmark = pytest.mark.django_db
TWO = ["demo-01", "demo-02"]


@pytest.fixture(autouse=True)
def _quiet(monkeypatch, hosts) -> None:
    monkeypatch.setattr("common.doorbell.ring", lambda *what: None)


@pytest.fixture
def line():
    with pretended() as executors:
        yield executors


def job_of(people, more: str = "batch: 1", **form) -> Job:
    with checked_by(RUNS):
        return approved_job("sql", people, TWO, more=more, sql="SELECT 1", **form)


def ran(job: Job) -> Job:
    run(job.pk)
    return Job.objects.select_related("ticket", "visit", "content").get(pk=job.pk)


def statuses(job: Job) -> list[str]:
    return list(job.hosts.order_by("pk").values_list("status", flat=True))


def tamper(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement)
        cursor.execute("SET session_replication_role = DEFAULT")


def test_I15_it_is_frozen_with_version_and_values_and_signed(people) -> None:
    plan = job_of(people).content.plans["run"]
    assert plan["health_check"] == {
        "action": LOOK,
        "version": library().action(LOOK).version,
        "executor": "ansible",
        "params": {"service": "orders", "watch_s": 0},
    }
    assert plan_digest(plan | {"health_check": plan["health_check"] | {"version": "0" * 64}}) != plan["digest"]


def test_a_plan_without_one_keeps_its_digest(people) -> None:
    plan = approved_job("sql", people, TWO, sql="SELECT 1").content.plans["run"]
    assert not [key for key in plan if "check" in key]


@pytest.mark.parametrize(
    "change", ["'{run,health_check,params,service}', '\"other\"'", "'{run,health_check,action}', '\"script.run\"'"]
)
def test_A32_another_check_in_the_row_begins_nothing(people, change) -> None:
    job = job_of(people)
    tamper(f"UPDATE tickets_contentversion SET plans = jsonb_set(plans, {change})")
    assert claim(job.pk) is None
    job.refresh_from_db()
    assert job.outcome == "refused"


def test_A29_a_check_that_was_recalled_or_is_gone_begins_nothing(people, monkeypatch) -> None:
    job = job_of(people)
    monkeypatch.setattr("automation.jobs.orders.recall_note", lambda key, _version: "lies" if key == LOOK else None)
    assert claim(job.pk) is None
    assert f"recalled_action: {LOOK}" in log_of(job)
    assert releasing.recall_note(LOOK, library().action(LOOK).version) is None


def test_A29_a_check_that_changes_something_begins_nothing(people) -> None:
    job = job_of(people)
    with checked_by(RUNS, is_read_only=False):
        assert claim(job.pk) is None
    assert "bad_health_check" in log_of(job)


@pytest.mark.parametrize(
    ("more", "path", "code"),
    [
        ({"is_read_only": False}, "health_check.action", "unfit_health_check"),
        ({"executor": "salt"}, "health_check.action", "unfit_health_check"),
        ({"usable_by": ({"role": "dba"},)}, "health_check.action", "action_not_for_you"),
    ],
)
def test_what_does_not_do_any_more_is_told_at_submission(people, more, path, code) -> None:
    publish("sql")
    with checked_by(RUNS, **more), pytest.raises(PlanRefused) as refused:
        submit("sql", people, TWO, sql="SELECT 1")
    (found,) = refused.value.errors
    assert (found["path"], found["code"]) == (f"plans.run.{path}", code)


def test_values_that_the_check_refuses_are_told_at_submission(people) -> None:
    publish("sql")
    with checked_by({"action": LOOK, "params": {"service": "-x"}}), pytest.raises(PlanRefused) as refused:
        submit("sql", people, TWO, sql="SELECT 1")
    assert refused.value.errors[0]["path"] == "plans.run.health_check.params.service"


def test_approvers_see_it_on_the_page_and_as_the_machine_gets_it(people, client) -> None:
    job = job_of(people)
    client.force_login(people["bob"], backend="accounts.backends.PasswordBackend")
    path = f"/api/v1/tickets/{job.ticket.number}"
    plan = client.get(path).json()["plans"][0]
    assert [check["command"][0]["en"] for check in plan["checks"]] == ["see whether orders runs"]
    assert plan["health_check"]["params"] == {"service": "orders", "watch_s": 0}
    parts = client.get(f"{path}/plans/run/machine").json()["parts"]
    params = {part["title"]: json.loads(part["text"]) for part in parts if part["title"].endswith(": params")}
    assert params[f"{LOOK}: params"] == {"service": "orders", "watch_s": 0}
    shown = client.get(f"/api/v1/jobs/{job.pk}").json()
    assert shown["checks"] == plan["checks"]
    assert shown["plan"]["health_check"]["action"] == LOOK


def test_I23_what_it_took_from_hidden_fields_is_masked(people) -> None:
    form = "\n  - {key: db, type: text, label: DB, required: true, hidden_at: [check]}"
    text = HEAD.format(key="quiet", action=CHANGE, params="database: form.db, sql: \"'SELECT 1'\"", more="", form=form)
    text += "  - {node: check, type: confirm, name: 确认, assignees: [{user: heidi}]}\n"
    import_template(text=text, actor=None, at=timezone.now(), publish_it=True)
    with checked_by(RUNS):
        ticket = submit("quiet", people, ["demo-01"], db="payroll")
    approve(ticket, people)
    dispatch()
    shown = Client()
    shown.force_login(people["erin"], backend="accounts.backends.PasswordBackend")
    answer = shown.get(f"/api/v1/jobs/{Job.objects.get(ticket=ticket).pk}")
    assert answer.json()["plan"]["health_check"]["params"] == {"service": "•••", "watch_s": "•••"}
    assert answer.json()["checks"][0]["command"] == []
    assert "payroll" not in answer.content.decode()


def test_it_runs_after_each_batch_under_a_key_of_its_own(people, line) -> None:
    job = ran(job_of(people))
    assert (job.state, job.outcome) == ("completed", "ok"), log_of(job)
    assert line.ran() == [(CHANGE, TWO[:1]), (LOOK, TWO[:1]), (CHANGE, TWO[1:]), (LOOK, TWO[1:])]
    keys = [order.key for order in line.orders]
    assert keys[1::2] == [f"{key}-h" for key in keys[::2]]
    assert line.orders[1].params == {"service": "orders", "watch_s": 0}
    assert log_of(job).count(f"Health check {LOOK}") == 2


def test_a_host_that_is_not_well_has_failed_and_was_touched(people, line) -> None:
    line.fate[LOOK, "demo-01"] = "failed"
    job = ran(job_of(people))
    assert (job.outcome, statuses(job)) == ("failed", ["failed", "skipped"])
    host = job.hosts.get(name="demo-01")
    assert (host.touched, host.changed, host.message) == (True, True, "Health check failed: failed")


def test_a_way_back_has_the_check_of_its_own_action(people, line) -> None:
    back = f"rollback: {{action: {CHANGE}, params: {{database: '\"shop\"', sql: '\"DROP TABLE y\"'}}}}"
    job = ran(job_of(people, more=back))
    plan = job.content.plans["run"]
    assert plan["rollback"]["health_check"]["params"]["service"] == "shop"
    rollback(job_id=job.pk, actor=people["erin"], at=timezone.now())
    line.fate[LOOK, "demo-02"] = "failed"
    job = ran(job)
    assert line.ran()[2:] == [(CHANGE, TWO), (LOOK, TWO)]
    assert line.orders[-1].params["service"] == "shop"
    assert statuses(job) == ["rolled_back", "failed"]


def test_a_stage_has_its_own_and_it_takes_what_its_stage_takes(people, line) -> None:
    step = {"action": LOOK, "params": {"service": "{word}"}}
    with known(), checked_by(step, of=NOTE):
        job = staged_job(people, TWO)
        stages = job.content.plans["run"]["stages"]
        assert "health_check" not in stages[0]
        assert stages[1]["health_check"]["take"] == {"service": {"from": 1, "output": "word"}}
        assert stages[1]["health_check"]["params"] == {"watch_s": 2}
        job = ran(job)
    assert (job.outcome, line.ran()) == ("ok", [(REPORT, TWO), (NOTE, TWO), (LOOK, TWO)])
    assert line.orders[2].params == {"service": "blue", "watch_s": 2}


def test_a_stage_whose_check_fails_lets_no_other_begin(people, line) -> None:
    line.fate[LOOK, "demo-02"] = "failed"
    with known(), checked_by({"action": LOOK, "params": {"service": "x"}}, of=REPORT):
        job = ran(staged_job(people, TWO))
    assert line.ran() == [(REPORT, TWO), (LOOK, TWO)]
    assert statuses(job) == ["not_reached", "failed"]


def test_A27_what_a_stage_hands_over_must_suit_its_check_too(people, line) -> None:
    with known(), checked_by({"action": LOOK, "params": {"service": "{word}"}}, of=NOTE):
        job = staged_job(people, TWO)
        strict = {**library().action(LOOK).params, "properties": {"service": {"type": "string", "maxLength": 2}}}
        with patch.dict(library().shipped, {LOOK: replace(library().action(LOOK), params=strict)}):
            job = ran(job)
    assert line.ran() == [(REPORT, TWO)]
    assert f"{LOOK} does not take this" in job.hosts.first().message


def test_I24_it_gets_the_credentials_of_its_own_action_and_they_are_masked(people, line, settings) -> None:
    use_keys(settings)
    erin = people["erin"]
    erin.is_admin = True
    erin.save()
    keep(erin, "monitor")
    with checked_by(RUNS, credentials=("monitor",)):
        job = approved_job("sql", people, TWO, sql="SELECT 1")
        line.before_end = lambda run: run.tell(f"password {PASSWORD['password']}\n")
        job = ran(job)
    assert [dict(order.credentials) for order in line.orders] == [{}, {"monitor": PASSWORD}]
    assert PASSWORD["password"] not in log_of(job)
    assert "password ********" in log_of(job)


def test_I24_without_its_credential_nothing_begins(people, line, settings) -> None:
    use_keys(settings)
    with checked_by(RUNS, credentials=("monitor",)):
        job = ran(approved_job("sql", people, TWO, sql="SELECT 1"))
    assert (job.outcome, line.ran()) == ("refused", [])
    assert "The credential monitor does not exist." in log_of(job)


def test_it_counts_where_its_action_may_run_only_so_often_at_once(people) -> None:
    with checked_by(RUNS, concurrency=1):
        first = approved_job("sql", people, TWO[:1], sql="SELECT 1")
        second_ticket = submit("sql", people, TWO[1:], sql="SELECT 1")
        approve(second_ticket, people)
        dispatch()
        second = Job.objects.get(ticket=second_ticket)
        assert claim(first.pk)
        assert claim(second.pk) is None
        assert [wait.action for wait in waits([second.pk])[second.pk]] == [LOOK]


def test_it_is_foreseen_by_nobody(people, line) -> None:
    """A dry run changes nothing, so there is nothing to look after."""
    with checked_by(SLEEPS):
        publish("sql")
        submit("sql", people, TWO, sql="SELECT 1")
        dispatch()
        run_dry(DryRun.objects.get().pk)
    assert line.ran() == [(CHANGE, TWO)]
