"""The record of what ran where: written with the run, kept forever, readable with permission (I07, I23, A32)."""

import csv
import importlib
import io
from typing import Any

import openpyxl
import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.models import User
from automation.audit.files import table
from automation.audit.tables import plain, to_csv, to_xlsx
from automation.commands.claim import claim
from automation.commands.control import rerun, resume
from automation.commands.finish import finish, lose
from automation.executors.base import HostResult
from automation.executors.verdict import PAUSED, Verdict
from automation.models import DryRun, Job
from automation.models.audit import AuditHost, AuditRun
from templates_engine.store.commands import import_template
from tests.api.calls import Api
from tests.automation.world import HEAD, approve, approved_job, submit
from tests.statements import counted
from tickets.background.dispatch import dispatch

pytestmark = pytest.mark.django_db
THREE = ["demo-01", "demo-02", "demo-03"]
MIGRATION = importlib.import_module("automation.migrations.0013_what_ran")


@pytest.fixture(autouse=True)
def rings(monkeypatch) -> None:
    monkeypatch.setattr("common.doorbell.ring", lambda *_what: None)


@pytest.fixture
def job(people, hosts) -> Job:
    return approved_job("sql", people, THREE, more="batch: 1, on_failure: continue", sql="SELECT 1")


def settle(job: Job, outcome: str, **statuses: str) -> None:
    claimed = claim(job.pk)
    results = {name.replace("_", "-"): HostResult(status) for name, status in statuses.items()}
    assert finish(job.pk, claimed.attempt, "", Verdict(outcome, results))


def rows() -> list[tuple]:
    return list(
        AuditRun.objects.order_by("pk").values_list(
            "mode", "attempt", "asked_by__username", "approved_by", "outcome", "action", "params"
        )
    )


def hosts_of(run: AuditRun) -> dict[str, str]:
    return dict(run.hosts.order_by("pk").values_list("host", "status"))


def asks(user: User) -> Api:
    return Api(user.username)


def test_a_run_is_written_down_as_it_begins_and_as_it_ends(job, people) -> None:
    claimed = claim(job.pk)
    run = AuditRun.objects.get()
    assert (run.job_id, run.ticket_id, run.node, run.version) == (job.pk, job.ticket_id, "run", claimed.order.version)
    assert run.params == claimed.order.params
    assert "SELECT 1" in run.command["en"] or run.command["en"]
    assert (run.ended_at, run.outcome) == (None, "")
    assert hosts_of(run) == dict.fromkeys(THREE, "running")
    results = {name: HostResult("changed") for name in THREE}
    assert finish(job.pk, claimed.attempt, "", Verdict("ok", results))
    run.refresh_from_db()
    job.refresh_from_db()
    assert (run.outcome, run.ended_at) == ("ok", job.finished_at)
    assert hosts_of(run) == dict.fromkeys(THREE, "changed")
    assert rows() == [("run", 1, "alice", ["bob"], "ok", "database.run_change", run.params)]


def test_pause_resumption_and_rerun_are_runs_of_their_own_by_whoever_asked(job, people) -> None:
    settle(job, PAUSED, demo_01="changed", demo_02="waiting", demo_03="waiting")
    resume(job_id=job.pk, actor=people["erin"], at=timezone.now())
    settle(job, "partial", demo_02="failed", demo_03="changed")
    rerun(job_id=job.pk, actor=people["erin"], at=timezone.now(), hosts="failed", comment="")
    settle(job, "ok", demo_02="changed")
    assert [row[:5] for row in rows()] == [
        ("run", 1, "alice", ["bob"], "paused"),
        ("resume", 2, "erin", ["bob"], "partial"),
        ("rerun", 3, "erin", ["bob"], "ok"),
    ]
    assert [hosts_of(run) for run in AuditRun.objects.order_by("pk")] == [
        {"demo-01": "changed", "demo-02": "not_reached", "demo-03": "not_reached"},
        {"demo-02": "failed", "demo-03": "changed"},
        {"demo-02": "changed"},
    ]


def test_F06_a_run_whose_worker_died_ends_as_unknown(job) -> None:
    claim(job.pk)
    with transaction.atomic():
        lose(Job.objects.select_for_update().get(pk=job.pk))
    run = AuditRun.objects.get()
    assert run.outcome == "unknown"
    assert set(hosts_of(run).values()) == {"unknown"}


def test_what_does_not_begin_leaves_no_row(job) -> None:
    Job.objects.filter(pk=job.pk).update(plan_digest="0" * 64)
    assert claim(job.pk) is None
    assert not AuditRun.objects.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE automation_auditrun SET params = '{}'",
        "UPDATE automation_auditrun SET asked_by_id = NULL, ended_at = now()",
        "UPDATE automation_auditrun SET outcome = 'failed'",
        "DELETE FROM automation_auditrun",
        "UPDATE automation_audithost SET status = 'ok'",
        "UPDATE automation_audithost SET host = 'other', ended_at = now()",
        "DELETE FROM automation_audithost",
    ],
)
@pytest.mark.parametrize("is_over", [True, False])
def test_I07_A32_the_record_is_never_changed_nor_erased(job, statement, is_over) -> None:
    if is_over:
        settle(job, "ok", demo_01="ok", demo_02="ok", demo_03="ok")
    else:
        claim(job.pk)
    with pytest.raises(DatabaseError, match="are never"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_runs_made_before_are_filled_in_from_the_trail(job, people) -> None:
    settle(job, PAUSED, demo_01="changed", demo_02="waiting", demo_03="waiting")
    resume(job_id=job.pk, actor=people["erin"], at=timezone.now())
    settle(job, "partial", demo_02="failed", demo_03="changed")
    kept = ("mode", "attempt", "release", "ticket", "node", "action", "version", "executor", "params", "asked_by",
            "approved_by", "ended_at", "outcome")  # fmt: skip
    of_host = ("run__attempt", "host", "address", "connection", "status", "ended_at")

    def record() -> tuple:
        hosts = AuditHost.objects.order_by("run__attempt", "host").values_list(*of_host)
        return list(AuditRun.objects.order_by("attempt").values(*kept)), list(hosts)

    was = record()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM automation_audithost")
        cursor.execute("DELETE FROM automation_auditrun")
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
        cursor.execute(MIGRATION.RUNS)
        cursor.execute(MIGRATION.HOSTS)
    assert record() == was


def test_operators_find_runs_by_host_action_ticket_person_and_time(job, people) -> None:
    settle(job, "ok", demo_01="ok", demo_02="ok", demo_03="ok")
    operator = asks(people["erin"])

    def found(query: str) -> list[int]:
        return [run["job"] for run in operator.get(f"audit/runs?{query}").json()["results"]]

    number = job.ticket.number
    for query in ("", "host=demo-02", "action=database.run_change", f"ticket={number}", "actor=alice", "actor=bob",
                  "mode=run", "host=demo-02&from=2020-01-01&to=2999-01-01"):  # fmt: skip
        assert found(query) == [job.pk], query
    for query in ("host=demo-09", "host=demo", "action=database", "ticket=X", "actor=heidi", "mode=rerun",
                  "to=2020-01-01", "from=2999-01-01"):  # fmt: skip
        assert found(query) == [], query
    answer = operator.get("audit/runs?hosts=demo-01")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "unknown_parameter")
    assert asks(people["heidi"]).get("audit/runs").status_code == 403
    assert asks(people["alice"]).get("audit/runs/export").status_code == 403


def test_pages_go_on_where_the_last_one_ended(job, people) -> None:
    settle(job, "failed", demo_01="failed", demo_02="failed", demo_03="failed")
    for _again in range(2):
        rerun(job_id=job.pk, actor=people["erin"], at=timezone.now(), hosts="all", comment="")
        settle(job, "failed", demo_01="failed", demo_02="failed", demo_03="failed")
    for where in ("", "&host=demo-01"):
        seen, cursor = [], ""
        while cursor is not None:
            page = asks(people["erin"]).get(f"audit/runs?limit=1{where}&cursor={cursor}").json()
            seen += [run["attempt"] for run in page["results"]]
            cursor = page["next"]
        assert seen == [3, 2, 1]
    assert asks(people["erin"]).get("audit/runs?cursor=W10").status_code == 422


SECRET = """
  - {key: sql, type: text, label: SQL, required: true, hidden_at: [check]}"""


def test_I23_arguments_of_hidden_fields_are_masked_for_operators_too(people, hosts) -> None:
    text = HEAD.format(
        key="quiet", action="database.run_change", params="database: '\"orders\"', sql: form.sql", more="", form=SECRET
    )
    text += "  - {node: check, type: confirm, name: 确认, assignees: [{user: heidi}]}\n"
    import_template(text=text, actor=None, at=timezone.now(), publish_it=True)
    ticket = submit("quiet", people, ["demo-01"], sql="SELECT secret")
    approve(ticket, people)
    dispatch()
    settle(Job.objects.get(ticket=ticket), "ok", demo_01="ok")
    run = asks(people["erin"]).get("audit/runs").json()["results"][0]
    assert (run["params"]["sql"], run["params"]["database"], run["command"]) == ("•••", "orders", None)
    assert "secret" not in asks(people["erin"]).get("audit/runs/export").getvalue().decode()
    User.objects.filter(username="erin").update(is_admin=True)
    assert asks(people["erin"]).get("audit/runs").json()["results"][0]["params"]["sql"] == "SELECT secret"


def test_dry_runs_are_listed_when_asked_for(people, hosts) -> None:
    job = approved_job("sql", people, ["demo-01"], sql="SELECT 1")
    from automation.dry_runs.commands import claim as take
    from automation.dry_runs.commands import give_up, make

    dry_run = DryRun.objects.filter(ticket=job.ticket).first() or make(
        job.ticket, job.content, job.content.plans["run"]
    )
    DryRun.objects.filter(pk=dry_run.pk).update(state="waiting")
    first = take(dry_run.pk)
    DryRun.objects.filter(pk=dry_run.pk).update(state="waiting")  # its worker died
    give_up(take(dry_run.pk))
    operator = asks(people["erin"])
    assert operator.get("audit/runs").json()["results"] == []
    found = operator.get("audit/runs?dry_runs=true&host=demo-01").json()["results"]
    assert [(run["mode"], run["attempt"], run["outcome"], run["asked_by"]) for run in found] == [
        ("check", first.attempt + 1, "dropped", "alice"),
        ("check", first.attempt, "unknown", "alice"),
    ]


EVIL = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1+1",
    "a\x00b\x1b[31m",
    "\u202egnp",
    '=HYPERLINK("http://x")',
]


def evil_run(text: str) -> dict:
    return {
        "began_at": timezone.now(), "ended_at": None, "mode": "run", "ticket": text, "action": text, "version": text,
        "params": {"x": text}, "command": {"zh": text, "en": text}, "asked_by": text, "approved_by": [text],
        "outcome": text, "executor": text, "site": text, "job": 1, "stage": 1,
        "hosts": [{"name": text, "address": text, "status": text}],
    }  # fmt: skip


@pytest.mark.parametrize("text", EVIL)
def test_A44_no_cell_of_a_file_is_calculated(text) -> None:
    found = list(csv.reader(io.TextIOWrapper(to_csv(table([evil_run(text)])), encoding="utf-8-sig", newline="")))
    assert len(found) == 2
    assert not any(cell.lstrip()[:1] in set("=+-@\t\r＝＋－＠") for cell in found[1] if cell)
    assert not any(
        (ord(letter) < 0x20 and letter not in "\t\n") or letter == "\u202e" for cell in found[1] for letter in cell
    )
    sheet = openpyxl.load_workbook(to_xlsx(table([evil_run(text)]))).active
    for cell in sheet[2]:
        assert cell.value is None or (cell.data_type, cell.number_format, cell.hyperlink) == ("s", "@", None)
    assert plain("web-01") == "web-01"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_record_goes_out_as_a_file_with_a_line_for_each_host(job, people, kind) -> None:
    settle(job, "ok", demo_01="ok", demo_02="changed", demo_03="ok")
    answer = asks(people["erin"]).get(f"audit/runs/export?format={kind}")
    assert answer.status_code == 200
    assert f".{kind}" in answer["Content-Disposition"]
    data = answer.getvalue()
    if kind == "csv":
        table = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    else:
        page: Any = openpyxl.load_workbook(io.BytesIO(data)).active
        table = [list(row) for row in page.values]
    assert [row[4] for row in table[1:]] == THREE
    assert {row[3] for row in table[1:]} == {job.ticket.number}
    only = asks(people["erin"]).get("audit/runs/export?host=demo-02").getvalue().decode()
    assert "demo-02" in only
    assert "demo-01" not in only


def test_beginning_and_ending_cost_one_statement_each_however_many_hosts(people, hosts) -> None:
    one = approved_job("sql", people, ["demo-01"], sql="SELECT 1")
    with counted() as few:
        settle(one, "ok", demo_01="ok")
    approved = submit("sql", people, THREE, sql="SELECT 1")
    approve(approved, people)
    dispatch()
    with counted() as many:
        settle(Job.objects.get(ticket=approved), "ok", demo_01="ok", demo_02="ok", demo_03="ok")
    for made in (few, many):
        assert sum("automation_auditrun" in str(said) for said in made) == 2
