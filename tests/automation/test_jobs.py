"""Jobs from approval to their end, without real processes (I14, I17, I18, A33, F18, F19, F30, F32, F37)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from automation.adapters.subscriber import on_events
from automation.background.job_slots import next_due
from automation.background.sweep import sweep
from automation.commands.claim import claim
from automation.commands.finish import finish
from automation.commands.pulse import PulseReply, pulse
from automation.executors.verdict import Verdict
from automation.models import Job
from config import progress, pulses
from tests.automation.world import approve, approved_job, kinds, log_of, publish, submit
from tickets.background.dispatch import dispatch
from tickets.commands.withdraw import withdraw
from tickets.errors import AlreadyRunning
from tickets.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(people, hosts, rings) -> Job:
    """A job that waits."""
    return approved_job("sql", people, ["demo-01", "demo-02"], sql="SELECT 1")


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
    assert set(job.hosts.values_list("status", flat=True)) == {"not_reached"}


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
    assert set(job.hosts.values_list("status", flat=True)) == {"not_reached"}


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


def test_F30_a_lease_that_ran_out_is_unknown_and_stays_so(job) -> None:
    claimed = claim(job.pk)
    Job.objects.filter(pk=job.pk).update(heartbeat_at=Now() - timedelta(seconds=21))
    sweep()
    job.refresh_from_db()
    assert (job.state, job.outcome) == ("failed", "unknown")
    assert set(job.hosts.values_list("status", flat=True)) == {"unknown"}
    assert pulse(job.pk, claimed.attempt, "late", {}) is PulseReply.FENCED
    assert not finish(job.pk, claimed.attempt, "late", Verdict("ok", {}))
    assert "late" not in log_of(job)


def test_F32_the_lease_is_judged_by_the_database_clock(job, monkeypatch) -> None:
    assert claim(job.pk)
    monkeypatch.setattr(timezone, "now", lambda: datetime(2099, 1, 1, tzinfo=UTC))
    sweep()
    job.refresh_from_db()
    assert job.state == "running"


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
    assert progress.measure().stuck == ["job"]
    other = approved_job("look", people, ["demo-01"])
    assert claim(other.pk)
    assert progress.measure().stuck == []  # the executor is busy
    Job.objects.filter(pk=other.pk).update(heartbeat_at=Now() - timedelta(minutes=1))
    assert progress.measure().stuck == ["job"]
    pulses.beat("config.executor_pulse")
    assert progress.measure().stuck == []
    Job.objects.filter(pk=job.pk).update(not_before=Now() + timedelta(hours=1))
    assert progress.measure().ages["job"] == 0


def test_the_next_due_job_is_the_oldest_that_may_run_now(people, job) -> None:
    first, second = job, approved_job("look", people, ["demo-01"])
    assert next_due(set()) == first.pk
    assert next_due({first.pk}) == second.pk
    Job.objects.filter(pk=second.pk).update(not_before=timezone.now() + timedelta(hours=1))
    assert next_due({first.pk}) is None
    Job.objects.filter(pk=first.pk).update(expires_at=timezone.now() - timedelta(hours=1))
    assert next_due(set()) is None
