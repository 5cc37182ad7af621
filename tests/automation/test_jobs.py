"""Jobs from approval to their end, without any process (I13, I14, I17, A31–A33, F3, F19, F27, F31)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from automation.commands.claim import claim
from automation.commands.control import cancel, rerun, resolve
from automation.commands.finish import finish
from automation.commands.log import CUT, LOG_MAX, append
from automation.commands.pulse import Word, pulse
from automation.commands.sweep import sweep
from automation.errors import CommentNeeded, JobExpired, NothingToRerun
from automation.executors.base import HostResult
from automation.models import Job
from automation.places import next_due
from automation.queries.jobs import allowed_actions, get_job, read_log
from automation.run import run
from automation.subscriber import on_events
from automation.verdict import Verdict
from config import progress, pulses
from tests.automation.world import approve, approved_job, kinds, log_of, publish, submit
from tickets.commands.withdraw import withdraw
from tickets.dispatch import dispatch
from tickets.errors import AlreadyRunning, NotAllowed, NotFound, WrongState
from tickets.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def rings(monkeypatch) -> list[tuple]:
    heard: list[tuple] = []
    monkeypatch.setattr("config.doorbell.ring", lambda *what: heard.append(what))
    return heard


@pytest.fixture
def job(people, hosts, rings) -> Job:
    """A job that waits."""
    return approved_job("sql", people, ["demo-01", "demo-02"], sql="SELECT 1")


def ended(job: Job, outcome: str, **statuses: str) -> Job:
    """The job after one attempt that came to this."""
    claimed = claim(job.pk)
    assert claimed is not None
    results = {name.replace("_", "-"): HostResult(status) for name, status in statuses.items()}
    assert finish(job.pk, claimed.attempt, "", Verdict(outcome, results))
    return Job.objects.select_related("ticket", "visit").get(pk=job.pk)


def test_nothing_runs_before_the_last_approval(people, hosts, rings) -> None:
    publish("sql")
    submit("sql", people, ["demo-01"], sql="SELECT 1")
    dispatch()
    assert not Job.objects.exists()
    assert rings == [] or all(task != "automation.run" for task, *_ in rings)


def test_F19_an_approval_makes_one_job_however_often_it_is_heard(job, rings) -> None:
    events = list(Event.objects.filter(ticket=job.ticket).select_related("ticket"))
    on_events(events)
    on_events(events)
    assert Job.objects.count() == 1
    assert [ring for ring in rings if ring[0] == "automation.run"] == [("automation.run", job.pk)]
    assert list(job.hosts.values_list("name", "status")) == [("demo-01", "waiting"), ("demo-02", "waiting")]
    assert job.expires_at - job.created_at == timedelta(days=7)


def test_I14_a_job_is_claimed_once(job) -> None:
    claimed = claim(job.pk)
    assert claimed is not None
    assert [target["name"] for target in claimed.order.targets] == ["demo-01", "demo-02"]
    assert claim(job.pk) is None
    assert kinds(job.ticket).count("job.started") == 1


def test_A31_a_foreign_or_invented_id_starts_nothing(job) -> None:
    run(job.pk + 1000)
    job.refresh_from_db()
    assert job.state == "waiting"


def tamper(statement: str, *values: object) -> None:
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


def test_F37_a_row_that_crashes_the_claim_does_not_come_round_for_ever(job, monkeypatch) -> None:
    def crash(**_given) -> None:
        raise TypeError

    monkeypatch.setattr("tickets.commands.execution.begin", crash)
    assert claim(job.pk) is None
    job.refresh_from_db()
    assert (job.state, job.outcome) == ("failed", "refused")


def test_F37_a_job_that_cannot_be_settled_does_not_hold_up_the_sweep(job, people, rings, monkeypatch) -> None:
    other = approved_job("look", people, ["demo-01"])
    assert claim(job.pk)
    assert claim(other.pk)
    Job.objects.update(heartbeat_at=Now() - timedelta(seconds=21))

    def settle_most(*, job_id: int, **given) -> None:
        if job_id == job.pk:
            raise TypeError

    monkeypatch.setattr("tickets.commands.execution.settle", settle_most)
    sweep()
    assert list(Job.objects.order_by("pk").values_list("state", flat=True)) == ["running", "failed"]


def test_A32_hosts_slipped_into_the_job_are_not_run(job) -> None:
    tamper('UPDATE automation_job SET "only" = \'["demo-03"]\'')
    assert claim(job.pk) is None
    job.refresh_from_db()
    assert job.outcome == "refused"


def test_I17_a_withdrawn_ticket_never_starts(job, people) -> None:
    withdraw(number=job.ticket.number, actor=people["alice"], at=timezone.now())
    assert claim(job.pk) is None  # before the news arrived
    job.refresh_from_db()
    assert (job.state, job.outcome) == ("cancelled", "withdrawn")


def test_I17_the_news_of_a_withdrawal_ends_the_waiting_job(job, people) -> None:
    withdraw(number=job.ticket.number, actor=people["alice"], at=timezone.now())
    dispatch()
    job.refresh_from_db()
    assert (job.state, job.outcome) == ("cancelled", "withdrawn")


@pytest.mark.parametrize("outcome", ["returned", "vetoed", "voided", "superseded"])
def test_I17_whatever_closes_the_node_ends_its_waiting_job(job, outcome: str) -> None:
    closed = Event(ticket=job.ticket, kind="node.closed", at=timezone.now())
    closed.data = {"node": "run", "round": 1, "type": "automation", "name": "", "outcome": outcome}
    on_events([closed])
    job.refresh_from_db()
    assert (job.state, job.outcome) == ("cancelled", "withdrawn")
    assert set(job.hosts.values_list("status", flat=True)) == {"cancelled"}


@pytest.mark.parametrize("other", [{"node": "other"}, {"round": 2}, {"type": "approval"}])
def test_I17_another_branchs_job_waits_on(job, other: dict) -> None:
    closed = Event(ticket=job.ticket, kind="node.closed", at=timezone.now())
    closed.data = {"node": "run", "round": 1, "type": "automation", "name": "", "outcome": "returned"} | other
    on_events([closed])
    job.refresh_from_db()
    assert job.state == "waiting"
    assert claim(job.pk) is not None


def test_I17_a_job_that_has_begun_comes_to_its_own_end(job) -> None:
    assert claim(job.pk)
    closed = Event(ticket=job.ticket, kind="node.closed", at=timezone.now())
    closed.data = {"node": "run", "round": 1, "type": "automation", "name": "", "outcome": "returned"}
    on_events([closed])
    job.refresh_from_db()
    assert job.state == "running"


@pytest.mark.parametrize("order", [1, -1])
def test_I17_F19_an_approval_heard_of_after_its_node_has_closed_makes_no_job(people, hosts, rings, order) -> None:
    publish("look")
    ticket = submit("look", people, ["demo-01"])
    approve(ticket, people)
    withdraw(number=ticket.number, actor=people["alice"], at=timezone.now())
    news = Event.objects.filter(ticket=ticket, kind__in=["execution.approved", "node.closed"]).order_by("seq")
    on_events(list(news.select_related("ticket"))[::order])
    assert not Job.objects.exists()


def test_I17_F19_the_sweep_ends_a_job_whose_visit_closed_while_it_was_made(job, people) -> None:
    """Two dispatchers at once: the one that heard of the end saw no job yet."""
    Job.objects.update(not_before=Now() + timedelta(days=3))
    withdraw(number=job.ticket.number, actor=people["alice"], at=timezone.now())
    sweep()
    job.refresh_from_db()
    assert (job.state, job.outcome) == ("cancelled", "withdrawn")
    assert set(job.hosts.values_list("status", flat=True)) == {"cancelled"}


def test_I17_a_started_job_cannot_be_withdrawn(job, people) -> None:
    assert claim(job.pk)
    with pytest.raises(AlreadyRunning):
        withdraw(number=job.ticket.number, actor=people["alice"], at=timezone.now())


def test_A33_an_expired_approval_starts_nothing(job, rings) -> None:
    Job.objects.filter(pk=job.pk).update(expires_at=Now() - timedelta(seconds=1))
    sweep()
    job.refresh_from_db()
    assert (job.state, job.outcome) == ("failed", "expired")
    job.ticket.refresh_from_db()
    assert job.ticket.state == "failed"
    assert claim(job.pk) is None


def test_A33_a_claim_at_the_instant_of_expiry_is_refused(job) -> None:
    Job.objects.filter(pk=job.pk).update(expires_at=Now())
    assert claim(job.pk) is None
    job.refresh_from_db()
    assert job.outcome == "expired"


def test_I18_a_lost_bell_is_rung_again_within_30_s(job, rings) -> None:
    rings.clear()
    sweep()
    assert rings == []  # the worker has had no chance yet
    Job.objects.filter(pk=job.pk).update(rung_at=Now() - timedelta(seconds=16))
    sweep()
    sweep()
    assert rings == [("automation.run", job.pk)]


def test_a_job_waits_for_its_window(people, hosts, rings) -> None:
    later = timezone.now() + timedelta(days=30)
    job = approved_job("sql", people, ["demo-01"], sql="SELECT 1", window=later.isoformat())
    assert job.not_before == later.replace(microsecond=job.not_before.microsecond)
    assert job.expires_at == job.not_before + timedelta(days=7)
    sweep()
    assert claim(job.pk) is None
    assert all(task != "automation.run" for task, *_ in rings)


def test_a_job_starts_once_its_window_is_there(people, hosts, rings) -> None:
    now = timezone.now() - timedelta(seconds=1)
    job = approved_job("sql", people, ["demo-01"], sql="SELECT 1", window=now.isoformat())
    assert ("automation.run", job.pk) in rings
    assert claim(job.pk) is not None


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


def test_F30_a_lease_that_ran_out_is_unknown_and_stays_so(job) -> None:
    claimed = claim(job.pk)
    Job.objects.filter(pk=job.pk).update(heartbeat_at=Now() - timedelta(seconds=21))
    sweep()
    job.refresh_from_db()
    assert (job.state, job.outcome) == ("failed", "unknown")
    assert set(job.hosts.values_list("status", flat=True)) == {"unknown"}
    assert pulse(job.pk, claimed.attempt, "late", {}) is Word.FENCED
    assert not finish(job.pk, claimed.attempt, "late", Verdict("ok", {}))
    assert "late" not in log_of(job)


def test_F32_the_lease_is_judged_by_the_database_clock(job, monkeypatch) -> None:
    assert claim(job.pk)
    monkeypatch.setattr(timezone, "now", lambda: timezone.datetime(2099, 1, 1, tzinfo=timezone.timezone.utc))
    sweep()
    job.refresh_from_db()
    assert job.state == "running"


def test_cancel_before_the_start(job, people) -> None:
    cancel(job_id=job.pk, actor=people["alice"], at=timezone.now())
    job.refresh_from_db()
    assert (job.state, job.outcome) == ("cancelled", "cancelled")
    job.ticket.refresh_from_db()
    assert job.ticket.state == "failed"
    assert claim(job.pk) is None
    with pytest.raises(WrongState):
        cancel(job_id=job.pk, actor=people["alice"], at=timezone.now())


def test_I23_strangers_do_not_see_it_and_approvers_may_not_stop_it(job, people) -> None:
    for verb in (cancel, lambda **given: resolve(comment="x", **given)):
        with pytest.raises(NotFound):
            verb(job_id=job.pk, actor=people["heidi"], at=timezone.now())
        with pytest.raises(NotAllowed):
            verb(job_id=job.pk, actor=people["bob"], at=timezone.now())


def test_F29_a_rerun_takes_the_hosts_that_are_not_done(job, people, rings) -> None:
    job = ended(job, "partial", demo_01="changed", demo_02="failed")
    at = timezone.now()
    assert allowed_actions(people["erin"], job, at) == ["rerun", "resolve"]
    assert allowed_actions(people["alice"], job, at) == []
    with pytest.raises(NotAllowed):
        rerun(job_id=job.pk, actor=people["alice"], at=at, hosts="all", comment="")
    rings.clear()
    rerun(job_id=job.pk, actor=people["erin"], at=at, hosts="failed", comment="")
    assert rings == [("automation.run", job.pk)]
    claimed = claim(job.pk)
    assert (claimed.attempt, [target["name"] for target in claimed.order.targets]) == (2, ["demo-02"])
    assert kinds(job.ticket).count("job.rerun") == 1


def test_A33_no_rerun_outside_the_validity(job, people) -> None:
    job = ended(job, "failed", demo_01="failed", demo_02="failed")
    late = job.expires_at
    assert allowed_actions(people["erin"], job, late) == ["resolve"]
    with pytest.raises(JobExpired):
        rerun(job_id=job.pk, actor=people["erin"], at=late, hosts="all", comment="")


def test_A33_a_completed_job_is_not_run_again(job, people) -> None:
    ended(job, "ok", demo_01="ok", demo_02="ok")
    with pytest.raises(WrongState):
        rerun(job_id=job.pk, actor=people["erin"], at=timezone.now(), hosts="all", comment="again")


def test_a_rerun_of_nothing_is_refused(job, people) -> None:
    ended(job, "failed", demo_01="ok", demo_02="changed")
    with pytest.raises(NothingToRerun):
        rerun(job_id=job.pk, actor=people["erin"], at=timezone.now(), hosts="failed", comment="")


def test_F28_after_an_unknown_outcome_a_rerun_needs_a_reason(job, people) -> None:
    ended(job, "unknown", demo_01="unknown", demo_02="unknown")
    with pytest.raises(CommentNeeded):
        rerun(job_id=job.pk, actor=people["erin"], at=timezone.now(), hosts="all", comment="  ")
    rerun(job_id=job.pk, actor=people["erin"], at=timezone.now(), hosts="all", comment="Looked: nothing ran.")
    assert claim(job.pk) is not None


def test_resolve_lets_the_ticket_go_on(job, people) -> None:
    job = ended(job, "failed", demo_01="failed", demo_02="failed")
    with pytest.raises(CommentNeeded):
        resolve(job_id=job.pk, actor=people["erin"], at=timezone.now(), comment=" ")
    resolve(job_id=job.pk, actor=people["erin"], at=timezone.now(), comment="Done by hand.")
    job = get_job(people["erin"], job.pk, timezone.now())
    assert (job.state, job.ticket.state) == ("failed", "completed")
    assert allowed_actions(people["erin"], job, timezone.now()) == []
    with pytest.raises(WrongState):
        resolve(job_id=job.pk, actor=people["erin"], at=timezone.now(), comment="Twice.")


def test_A35_a_log_is_capped_and_read_in_pieces(job) -> None:
    assert claim(job.pk)
    job.refresh_from_db()
    begun = job.log_size
    append(job, "一" * (LOG_MAX - begun - 1))
    append(job, "over\n")
    append(job, "dropped")
    job.refresh_from_db()
    text, offset, pages = "", 0, 0
    while True:
        page = read_log(job, offset)
        if not page["text"]:
            break
        text, offset, pages = text + page["text"], page["next_offset"], pages + 1
        assert not page["done"]
    assert pages > 10
    assert text.endswith("一o" + CUT)
    assert offset == len(text) == job.log_size
    assert read_log(job, 3)["text"][0] == text[3]


def test_approving_twice_changes_nothing(job, people) -> None:
    with pytest.raises(Exception, match="does not exist"):
        approve(job.ticket, people)
    assert Job.objects.count() == 1


def test_F32_a_heartbeat_from_the_future_is_not_young_for_ever(job) -> None:
    assert claim(job.pk)
    Job.objects.filter(pk=job.pk).update(heartbeat_at=Now() + timedelta(hours=2))
    sweep()
    job.refresh_from_db()
    assert job.state == "running"  # its worker may live: it has a lease's time to say so
    assert abs(job.heartbeat_at - timezone.now()) < timedelta(seconds=10)
    Job.objects.filter(pk=job.pk).update(heartbeat_at=Now() - timedelta(seconds=21))
    sweep()
    job.refresh_from_db()
    assert (job.state, job.outcome) == ("failed", "unknown")


def test_F32_a_job_rung_for_in_the_future_is_rung_for_again(job, rings) -> None:
    rings.clear()
    Job.objects.filter(pk=job.pk).update(rung_at=Now() + timedelta(hours=2))
    sweep()
    Job.objects.filter(pk=job.pk, rung_at__lte=Now()).update(rung_at=Now() - timedelta(seconds=16))
    sweep()
    assert rings == [("automation.run", job.pk)]


def test_F18_a_job_that_no_executor_takes_is_stuck_unless_one_is_at_work(job, people) -> None:
    Job.objects.filter(pk=job.pk).update(created_at=Now() - timedelta(minutes=2))
    assert progress.look().stuck == ["job"]
    other = approved_job("look", people, ["demo-01"])
    assert claim(other.pk)
    assert progress.look().stuck == []  # the executor is busy
    Job.objects.filter(pk=other.pk).update(heartbeat_at=Now() - timedelta(minutes=1))
    assert progress.look().stuck == ["job"]
    pulses.beat("config.executor_pulse")
    assert progress.look().stuck == []
    Job.objects.filter(pk=job.pk).update(not_before=Now() + timedelta(hours=1))
    assert progress.look().ages["job"] == 0


def test_the_next_due_job_is_the_oldest_that_may_run_now(people, job) -> None:
    first, second = job, approved_job("look", people, ["demo-01"])
    assert next_due(set()) == first.pk
    assert next_due({first.pk}) == second.pk
    Job.objects.filter(pk=second.pk).update(not_before=timezone.now() + timedelta(hours=1))
    assert next_due({first.pk}) is None
    Job.objects.filter(pk=first.pk).update(expires_at=timezone.now() - timedelta(hours=1))
    assert next_due(set()) is None
