"""Real Ansible, from a real approval to real files (A27, A28, F29)."""

import json
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from automation.actions.document import load_action
from automation.actions.library import action_of
from automation.background.run import run
from automation.executors.ansible import AnsibleExecutor
from automation.executors.base import Order
from automation.jobs import orders
from automation.models import Host, Job
from tests.automation.world import approved_job, kinds, log_of
from tests.hostile import CODE, CONTROL, HEADER, SHAPE
from tickets.models.content import Target

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
CORPUS = {
    **CODE,
    **CONTROL,
    "rtl": SHAPE["rtl"],
    "crlf": HEADER["crlf_body"],
    "quotes": "'\"`\\",
    "unsafe_tag": "!unsafe x",
    "dash": "-rf /",
}


def statuses(job: Job) -> dict[str, str]:
    return dict(job.hosts.values_list("name", "status"))


def test_A28_a_hostile_change_reaches_the_disk_byte_for_byte(people, hosts: Path) -> None:
    sql = "\n".join(["SELECT 1;", *CODE.values(), *SHAPE.values()]) + "\r\n\n"
    job = approved_job("sql", people, ["demo-01", "demo-02"], sql=sql)
    run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.outcome) == ("completed", "ok"), log_of(job)
    assert statuses(job) == {"demo-01": "changed", "demo-02": "changed"}
    for name in ("demo-01", "demo-02"):
        written = hosts / name / f"var/spool/baton/orders/{job.ticket.number}.sql"
        assert written.read_bytes() == sql.encode()
        assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert not Path("/tmp/baton-pwned").exists()
    assert not list((hosts / "demo-03").rglob("*.sql"))
    job.ticket.refresh_from_db()
    assert job.ticket.state == "completed"
    assert kinds(job.ticket).count("job.started") == kinds(job.ticket).count("job.finished") == 1


def test_A27_every_text_of_the_corpus_arrives_as_it_is(home: Path) -> None:
    action = load_action(Path(__file__).parent / "library" / "test.corpus")
    params = {"texts": list(CORPUS.values())}
    target: Target = {"name": "demo-01", "address": "hosts/demo-01", "connection": "local"}
    with AnsibleExecutor().start(Order("T-1", 1, action, action.version, params, [target])) as execution:
        output = b""
        while execution.exit_code is None:
            execution.renew()
            output += execution.poll(0.5).text
    assert execution.exit_code == 0, output.decode(errors="replace")
    assert json.loads((home / "hosts/demo-01/arrived").read_text()) == list(CORPUS.values())
    assert not list((home / "automation/runs").iterdir())


def test_F29_a_host_that_does_not_answer_is_unreachable(people, hosts: Path) -> None:
    Host.objects.create(name="far-01", address="127.0.0.1", port=1)
    job = approved_job("look", people, ["demo-01", "far-01"])
    run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.outcome) == ("failed", "partial")
    assert statuses(job) == {"demo-01": "ok", "far-01": "unreachable"}
    assert "Baton Demo Linux" in log_of(job)


def test_I24_the_run_sees_nothing_of_the_workers_environment(people, hosts: Path, monkeypatch) -> None:
    monkeypatch.setenv("ANSIBLE_STDOUT_CALLBACK", "minimal")
    monkeypatch.setenv("BATON_PROBE", "must-not-travel")
    action = load_action(Path(__file__).parent / "library" / "test.environment")
    target: Target = {"name": "demo-01", "address": "hosts/demo-01", "connection": "local"}
    with AnsibleExecutor().start(Order("T-1", 1, action, action.version, {}, [target])) as execution:
        output = b""
        while execution.exit_code is None:
            execution.renew()
            output += execution.poll(0.5).text
    assert b"PATH=" in output
    assert b"looks each 0.01 s" in output  # a run that waits takes no processor time from the others
    assert b"TZ=UTC" in output  # not the server's: a day that an action counts from is the same everywhere
    for leaked in (b"must-not-travel", os.environ["BATON_AUDIT_KEY"].encode(), b"DATABASE_URL"):
        assert leaked not in output


def test_I15_an_action_changed_since_the_approval_is_refused(people, hosts: Path, monkeypatch) -> None:
    job = approved_job("sql", people, ["demo-01"], sql="SELECT 1")
    real = action_of
    monkeypatch.setattr(
        orders, "action_of", lambda plan: replace(real(plan), files={"playbook.yml": b"- {hosts: all}"})
    )
    run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.outcome) == ("failed", "refused")
    assert "has changed since it was approved" in log_of(job)
    assert not list((hosts / "demo-01").rglob("*.sql"))
    job.ticket.refresh_from_db()
    assert job.ticket.state == "failed"
