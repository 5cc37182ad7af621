"""Nothing that was changed in a job's row is believed (I13, I17, A31, A32, A33)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from automation.background.run import run
from automation.commands.claim import claim
from automation.commands.control import cancel
from automation.models import Job
from tests.automation.world import approved_job, kinds, log_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(people, hosts, rings) -> Job:
    """A job that waits."""
    return approved_job("sql", people, ["demo-01", "demo-02"], sql="SELECT 1")


def test_A31_a_foreign_or_invented_id_starts_nothing(job) -> None:
    run(job.pk + 1000)
    job.refresh_from_db()
    assert job.state == "waiting"


def tamper(statement: str, *values: Any) -> None:
    """What somebody with the database but without the key might do."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement, values)
        cursor.execute("SET session_replication_role = DEFAULT")


@pytest.mark.parametrize(
    "statement",
    [
        """UPDATE tickets_contentversion SET plans = jsonb_set(plans, '{run,params,sql}', '"DROP TABLE x"')""",
        """UPDATE tickets_contentversion SET plans = jsonb_set(plans, '{run,targets,0,name}', '"demo-03"')""",
        "UPDATE tickets_event SET data = jsonb_set(data, '{plan_digest}', '\"0\"') WHERE kind = 'execution.approved'",
        "DELETE FROM tickets_event WHERE kind = 'task.approved'",
        "UPDATE tickets_approvaltask SET decided_by_id = assignee_id - 1",
        "UPDATE automation_job SET plan_digest = repeat('0', 64)",
    ],
)
def test_I13_A32_whatever_was_tampered_with_is_refused(job, statement: str) -> None:
    tamper(statement)
    assert claim(job.pk) is None
    job.refresh_from_db()
    assert (job.state, job.outcome) == ("failed", "refused")
    assert "Not started: " in log_of(job)
    job.ticket.refresh_from_db()
    assert job.ticket.state == "failed"
    assert "job.started" not in kinds(job.ticket)


def test_A32_hosts_slipped_into_the_job_are_not_run(job) -> None:
    tamper('UPDATE automation_job SET "only" = \'["demo-03"]\'')
    assert claim(job.pk) is None
    job.refresh_from_db()
    assert job.outcome == "refused"


ROWS = {
    "not_before": "not_before = now() - interval '1 minute'",
    "no not_before": "not_before = NULL",
    "expires_at": "expires_at = expires_at + interval '1 day'",
    "created_at": "created_at = created_at - interval '1 day'",
    "action": "action = 'system.os_version'",
    "node": "node = 'leader'",
    "node_name": "node_name = '\"harmless\"'",
    "plan_digest": "plan_digest = repeat('0', 64)",
    "fewer hosts": '"only" = \'["demo-01"]\'',
    "no hosts": "\"only\" = '[]'",
    "attempt": "attempt = 3",
}


@pytest.mark.parametrize("change", ROWS.values(), ids=ROWS)
def test_I13_A32_nothing_in_a_jobs_row_is_believed(people, hosts, rings, change: str) -> None:
    window = timezone.now() - timedelta(seconds=1)
    job = approved_job("sql", people, ["demo-01", "demo-02"], sql="SELECT 1", window=window.isoformat())
    tamper(f"UPDATE automation_job SET {change}")
    assert claim(job.pk) is None
    job.refresh_from_db()
    assert (job.state, job.outcome) == ("failed", "refused")
    assert "job.started" not in kinds(job.ticket)


def test_A32_a_window_moved_to_now_starts_nothing(people, hosts, rings) -> None:
    later = timezone.now() + timedelta(days=30)
    job = approved_job("sql", people, ["demo-01"], sql="SELECT 1", window=later.isoformat())
    tamper("UPDATE automation_job SET not_before = now() - interval '1 minute'")
    assert claim(job.pk) is None
    assert "changed_job: not_before" in log_of(job)


@pytest.mark.parametrize("how", ["DELETE FROM automation_jobhost WHERE name = 'demo-02'",
                                 "UPDATE automation_jobhost SET name = 'demo-03' WHERE name = 'demo-02'"])  # fmt: skip
def test_A32_the_jobs_hosts_are_those_of_the_plan(job, how) -> None:
    tamper(how)
    assert claim(job.pk) is None
    assert "changed_job: hosts" in log_of(job)


def test_A32_a_job_that_points_at_another_tickets_visit_starts_nothing(job, people, rings) -> None:
    other = approved_job("look", people, ["demo-01"])
    tamper("DELETE FROM automation_jobhost WHERE job_id = %s", other.pk)
    tamper("DELETE FROM automation_job WHERE id = %s", other.pk)
    tamper("UPDATE automation_job SET visit_id = %s WHERE id = %s", other.visit_id, job.pk)
    assert claim(job.pk) is None
    assert "job.started" not in kinds(other.ticket) + kinds(job.ticket)


def test_A33_an_approval_that_ran_out_by_the_plan_is_expired_whatever_the_row_says(job, monkeypatch) -> None:
    late = job.expires_at
    tamper("UPDATE automation_job SET expires_at = expires_at + interval '90 days'")
    monkeypatch.setattr("automation.commands.claim.db_now", lambda: late)
    assert claim(job.pk) is None
    job.refresh_from_db()
    assert (job.state, job.outcome) == ("failed", "expired")


def test_I17_a_cancelled_job_set_back_to_waiting_starts_nothing(people, hosts, rings) -> None:
    """Beside another failed branch the ticket's state says nothing of it: the trail does."""
    job = approved_job("sql", people, ["demo-01"], sql="SELECT 1")
    cancel(job_id=job.pk, actor=people["alice"], at=timezone.now())
    tamper("UPDATE automation_job SET state = 'waiting', finished_at = NULL, outcome = ''")
    tamper("UPDATE tickets_nodevisit SET outcome = '' WHERE id = %s", job.visit_id)
    assert claim(job.pk) is None
    job.refresh_from_db()
    assert (job.state, job.outcome) == ("failed", "refused")
    assert "over: the trail says job.finished" in log_of(job)
