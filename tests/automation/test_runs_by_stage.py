"""The record has a row for each run of an action: stages, health checks, ways back; batches are one run (I07, A32)."""

from typing import Any

import pytest
from django.db import DatabaseError
from django.utils import timezone

from automation.audit.recorded import NOT_WRITTEN
from automation.background.run import run
from automation.commands.control import rerun, rollback
from automation.commands.finish import lose
from automation.dry_runs.run import run as run_dry
from automation.models import DryRun, Job
from automation.models.audit import AuditRun
from templates_engine.store.commands import import_template
from tests.api.calls import Api
from tests.automation.health import CHANGE, LOOK, RUNS, checked_by
from tests.automation.pipelines import NOTE, REPORT, known, pretended, publish_stages, staged_job
from tests.automation.world import HEAD, approve, approved_job, log_of, submit
from tickets.background.dispatch import dispatch

pytestmark = pytest.mark.django_db
TWO = ["demo-01", "demo-02"]


@pytest.fixture(autouse=True)
def _quiet(monkeypatch, hosts) -> None:
    monkeypatch.setattr("common.doorbell.ring", lambda *what: None)


@pytest.fixture
def line():
    with pretended() as executors:
        yield executors


def ran(job: Job) -> Job:
    run(job.pk)
    return Job.objects.select_related("ticket", "content", "visit").get(pk=job.pk)


def checked_job(people, more: str = "batch: 1") -> Job:
    with checked_by(RUNS):
        return approved_job("sql", people, TWO, more=more, sql="SELECT 1")


def rows() -> list[tuple[Any, ...]]:
    """(attempt, stage, mode, action, outcome, host → status) of each run, oldest first."""
    found = []
    for row in AuditRun.objects.order_by("pk"):
        hosts = dict(row.hosts.order_by("pk").values_list("host", "status"))
        found.append((row.attempt, row.stage, row.mode, row.action, row.outcome, hosts))
    return found


def of(*statuses: str) -> dict[str, str]:
    return dict(zip(TWO, statuses, strict=False))


def test_a_health_check_is_a_run_of_its_own_and_batches_are_not(people, line) -> None:
    ran(checked_job(people))
    assert rows() == [
        (1, 1, "run", CHANGE, "ok", of("changed", "changed")),
        (1, 1, "health", LOOK, "ok", of("changed", "changed")),  # these checks pretend to change what they look at
    ]
    check = AuditRun.objects.get(mode="health")
    assert check.params == {"service": "orders", "watch_s": 0}
    assert (check.asked_by.username, check.approved_by, check.ended_at is not None) == ("alice", ["bob"], True)
    assert check.release == AuditRun.objects.get(mode="run").release


def test_what_a_check_found_is_not_what_the_run_did(people, line) -> None:
    line.fate[LOOK, "demo-01"] = "failed"
    job = ran(checked_job(people))
    assert job.outcome == "failed"
    assert rows() == [
        (1, 1, "run", CHANGE, "partial", of("changed", "skipped")),
        (1, 1, "health", LOOK, "failed", of("failed")),
    ]
    line.fate.clear()
    rerun(job_id=job.pk, actor=people["erin"], at=timezone.now(), hosts="failed", comment="")
    ran(job)
    assert [row[:5] for row in rows()[2:]] == [(2, 1, "rerun", CHANGE, "ok"), (2, 1, "health", LOOK, "ok")]


def test_a_way_back_and_its_check(people, line) -> None:
    back = f"rollback: {{action: {CHANGE}, params: {{database: '\"shop\"', sql: '\"DROP TABLE y\"'}}}}"
    job = ran(checked_job(people, more=back))
    rollback(job_id=job.pk, actor=people["erin"], at=timezone.now())
    line.fate[LOOK, "demo-02"] = "failed"
    ran(job)
    assert rows()[2:] == [
        (2, 1, "rollback", CHANGE, "rolled_back", of("rolled_back", "rolled_back")),
        (2, 1, "health", LOOK, "partial", of("changed", "failed")),
    ]


def test_each_stage_is_a_run_with_what_it_took(people, line) -> None:
    line.fate[NOTE, "demo-02"] = "failed"
    with known(), checked_by({"action": LOOK, "params": {"service": "{word}"}}, of=NOTE):
        job = ran(staged_job(people, TWO, more="batch: 1, on_failure: continue"))
    assert job.outcome == "partial", log_of(job)
    assert rows() == [
        (1, 1, "run", REPORT, "ok", of("changed", "changed")),
        (1, 2, "run", NOTE, "partial", of("changed", "failed")),
        (1, 2, "health", LOOK, "ok", of("changed")),
    ]
    assert [row.params for row in AuditRun.objects.order_by("pk")] == [
        {},
        {"word": "blue"},
        {"service": "blue", "watch_s": 2},
    ]
    began = list(AuditRun.objects.order_by("pk").values_list("began_at", flat=True))
    assert began == sorted(set(began))
    assert AuditRun.objects.get(stage=1).ended_at == began[1]


def test_I07_a_stage_that_does_not_begin_leaves_no_row(people, line) -> None:
    line.word = 7
    with known():
        job = ran(staged_job(people, TWO))
    assert rows() == [(1, 1, "run", REPORT, "failed", of("not_reached", "not_reached"))]
    assert "Stage 2 was not begun" in log_of(job)


def test_I07_what_cannot_be_written_down_does_not_begin(people, line, monkeypatch) -> None:
    def away(*_given: Any) -> None:
        raise DatabaseError("away")

    monkeypatch.setattr("automation.executors.following.PATIENCE_S", 0)
    monkeypatch.setattr("automation.executors.following.connection.close", lambda: None)
    monkeypatch.setattr("automation.audit.recorded.Record._store", away)
    job = ran(checked_job(people))
    assert line.ran() == [(CHANGE, TWO[:1])]
    assert job.hosts.get(name="demo-01").message == f"Health check failed: {NOT_WRITTEN}"


def test_F30_a_worker_that_lost_its_job_begins_no_check(people, line) -> None:
    job = checked_job(people)
    line.before_end = lambda _run: Job.objects.filter(pk=job.pk).update(attempt=7)  # somebody else's now
    run(job.pk)
    assert line.ran() == [(CHANGE, TWO[:1])]
    assert not AuditRun.objects.filter(mode="health").exists()


def test_F06_a_worker_that_died_in_the_check_leaves_both_unknown(people, line) -> None:
    job = checked_job(people, more="")

    def dies(run: Any) -> None:
        if run.order.action.key == LOOK:
            raise KeyboardInterrupt

    line.before_end = dies
    with pytest.raises(KeyboardInterrupt):
        run(job.pk)
    assert [row[2:5] for row in rows()] == [("run", CHANGE, ""), ("health", LOOK, "")]
    lose(Job.objects.select_for_update().get(pk=job.pk))
    assert [row[4:] for row in rows()] == [("unknown", of("unknown", "unknown"))] * 2


def test_each_stage_of_a_dry_run_too(people, line) -> None:
    stages = f"[{{action: {NOTE}, params: {{word: '\"a\"'}}}}, {{action: {NOTE}, params: {{word: '\"b\"'}}}}]"
    with known():
        publish_stages(stages)
        submit("line", people, TWO)
        dispatch()
        run_dry(DryRun.objects.get().pk)
    found = AuditRun.objects.order_by("pk").values_list("stage", "mode", "params", "outcome")
    assert list(found) == [(1, "check", {"word": "a"}, "done"), (2, "check", {"word": "b"}, "done")]


def test_search_page_and_file_know_them(people, line) -> None:
    with known(), checked_by({"action": LOOK, "params": {"service": "{word}"}}, of=NOTE):
        ran(staged_job(people, TWO))
    operator = Api("erin")
    found = operator.get("audit/runs?host=demo-02").json()["results"]
    assert [(run["stage"], run["mode"], run["action"]) for run in found] == [
        (2, "health", LOOK),
        (2, "run", NOTE),
        (1, "run", REPORT),
    ]
    assert found[0]["command"]["en"] == "see whether blue runs"
    assert [run["action"] for run in operator.get("audit/runs?mode=health").json()["results"]] == [LOOK]
    assert [run["stage"] for run in operator.get(f"audit/runs?action={NOTE}").json()["results"]] == [2]
    seen, cursor = [], ""
    while cursor is not None:
        page = operator.get(f"audit/runs?limit=1&cursor={cursor}").json()
        seen += [run["action"] for run in page["results"]]
        cursor = page["next"]
    assert seen == [LOOK, NOTE, REPORT]
    table = operator.get("audit/runs/export").getvalue().decode().splitlines()
    assert len(table) == 1 + 3 * len(TWO)


def test_I23_what_may_come_from_hidden_fields_is_masked_in_each(people, line) -> None:
    form = "\n  - {key: word, type: text, label: W, required: true, max_length: 9, hidden_at: [check]}"
    text = HEAD.split("  - {{node: run")[0].format(key="quiet", form=form)
    text += f"""  - {{node: run, type: automation, name: 执行, targets: form.hosts, stages: [
      {{action: {NOTE}, params: {{word: form.word}}}}, {{action: {NOTE}, params: {{word: "'open'"}}}}]}}\n"""
    text += "  - {node: check, type: confirm, name: 确认, assignees: [{user: heidi}]}\n"
    with known(), checked_by({"action": LOOK, "params": {"service": "{word}"}}, of=NOTE):
        import_template(text=text, actor=None, at=timezone.now(), publish_it=True)
        ticket = submit("quiet", people, TWO, word="payroll")
        approve(ticket, people)
        dispatch()
        ran(Job.objects.get(ticket=ticket))
        answer = Api("erin").get("audit/runs")
    found = [(run["stage"], run["mode"], run["params"]) for run in answer.json()["results"]]
    assert found[::-1] == [
        (1, "run", {"word": "•••"}),
        (1, "health", {"service": "•••", "watch_s": "•••"}),
        (2, "run", {"word": "open"}),
        (2, "health", {"service": "•••", "watch_s": "•••"}),
    ]
    assert "payroll" not in answer.content.decode()
