"""A job paused between two batches, and what may follow (I13, I14, I17, A32, A33)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from automation.background.sweep import sweep
from automation.commands.claim import claim
from automation.commands.control import cancel, pause, rerun, resume
from automation.commands.finish import finish
from automation.commands.pulse import PulseReply, pulse
from automation.errors import JobExpired, NotPausable
from automation.executors.base import HostResult
from automation.executors.batched import batches_of
from automation.executors.verdict import PAUSED, Verdict
from automation.models import Job
from automation.queries.jobs import allowed_actions, get_job
from tests.automation.world import approved_job, kinds, log_of
from tickets.audit.verify import verify
from tickets.commands.withdraw import withdraw
from tickets.errors import AlreadyRunning, NotAllowed, NotFound, WrongState
from tickets.models import Event, Ticket

pytestmark = pytest.mark.django_db
THREE = ["demo-01", "demo-02", "demo-03"]
LEFT = {"demo-02": "waiting", "demo-03": "waiting"}


@pytest.fixture(autouse=True)
def rings(monkeypatch) -> list[tuple]:
    heard: list[tuple] = []
    monkeypatch.setattr("common.doorbell.ring", lambda *what: heard.append(what))
    return heard


@pytest.fixture
def job(people, hosts) -> Job:
    """A job of three batches that waits."""
    return approved_job("sql", people, THREE, more="batch: 1, on_failure: continue", sql="SELECT 1")


def settled(job: Job, outcome: str, statuses: dict[str, str]) -> Job:
    """The job after one attempt that came to this."""
    claimed = claim(job.pk)
    assert claimed is not None
    results = {name: HostResult(status) for name, status in statuses.items()}
    assert finish(job.pk, claimed.attempt, "", Verdict(outcome, results))
    return fresh(job)


def fresh(job: Job) -> Job:
    return Job.objects.select_related("ticket", "visit").get(pk=job.pk)


def paused(job: Job, first: str = "changed") -> Job:
    return settled(job, PAUSED, {"demo-01": first, **LEFT})


def statuses(job: Job) -> dict[str, str]:
    return dict(job.hosts.values_list("name", "status"))


def tamper(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement, values)
        cursor.execute("SET session_replication_role = DEFAULT")


def is_whole(job: Job) -> bool:
    return not list(verify(Ticket.objects.filter(pk=job.ticket_id)))


def test_a_pause_is_heard_with_the_next_pulse(job, people) -> None:
    claimed = claim(job.pk)
    assert allowed_actions(people["erin"], fresh(job), timezone.now()) == ["pause", "cancel"]
    pause(job_id=job.pk, actor=people["alice"], at=timezone.now())
    pause(job_id=job.pk, actor=people["erin"], at=timezone.now())
    assert pulse(job.pk, claimed.attempt, "", {}) is PulseReply.PAUSE
    assert log_of(job).count("Pause asked for") == 1
    assert allowed_actions(people["erin"], fresh(job), timezone.now()) == ["resume", "cancel"]
    assert allowed_actions(people["alice"], fresh(job), timezone.now()) == ["cancel"]


def test_a_pause_can_be_taken_back_before_it_comes(job, people) -> None:
    claimed = claim(job.pk)
    pause(job_id=job.pk, actor=people["erin"], at=timezone.now())
    resume(job_id=job.pk, actor=people["erin"], at=timezone.now())
    assert pulse(job.pk, claimed.attempt, "", {}) is PulseReply.GO_ON
    assert "job.resumed" not in kinds(job.ticket)


def test_a_cancel_outweighs_a_pause(job, people) -> None:
    claimed = claim(job.pk)
    pause(job_id=job.pk, actor=people["erin"], at=timezone.now())
    cancel(job_id=job.pk, actor=people["erin"], at=timezone.now())
    assert pulse(job.pk, claimed.attempt, "", {}) is PulseReply.CANCEL
    with pytest.raises(WrongState):
        pause(job_id=job.pk, actor=people["erin"], at=timezone.now())


def test_a_paused_job_goes_on_with_the_hosts_that_are_left(job, people, rings) -> None:
    job = paused(job)
    assert (job.state, job.outcome, job.ticket.state) == ("paused", "", "executing")
    assert allowed_actions(people["erin"], job, timezone.now()) == ["resume", "cancel"]
    rings.clear()
    resume(job_id=job.pk, actor=people["erin"], at=timezone.now(), comment="the first one looks well")
    assert rings == [("automation.run", job.pk)]
    claimed = claim(job.pk)
    assert claimed is not None
    assert [target["name"] for target in claimed.order.targets] == ["demo-02", "demo-03"]
    assert [number for number, _batch in batches_of(claimed.order)] == [2, 3]
    assert finish(job.pk, claimed.attempt, "", Verdict("ok", {name: HostResult("ok") for name in THREE[1:]}))
    job = fresh(job)
    assert (job.state, job.outcome, job.ticket.state) == ("completed", "ok", "completed")
    assert [k for k in kinds(job.ticket) if k.startswith("job.")] == [
        "job.started", "job.paused", "job.resumed", "job.started", "job.finished"
    ]  # fmt: skip
    assert is_whole(job)


def test_growing_batches_do_not_begin_anew_after_a_pause(people, hosts) -> None:
    job = approved_job("sql", people, THREE, more='batch: [1, "100%"]', sql="SELECT 1")
    job = paused(job)
    resume(job_id=job.pk, actor=people["erin"], at=timezone.now())
    claimed = claim(job.pk)
    assert [(number, len(batch)) for number, batch in batches_of(claimed.order)] == [(2, 2)]


def test_every_run_has_a_key_of_its_own_and_a_claim_lost_finds_the_same(job, people) -> None:
    first = claim(job.pk).order.key
    assert first
    assert finish(job.pk, 1, "", Verdict(PAUSED, {"demo-01": HostResult("ok")}))
    resume(job_id=job.pk, actor=people["erin"], at=timezone.now())
    assert claim(job.pk).order.key not in ("", first)


def test_a_failure_before_the_pause_is_not_forgotten_at_the_end(job, people) -> None:
    job = paused(job, first="failed")
    resume(job_id=job.pk, actor=people["erin"], at=timezone.now())
    job = settled(job, "ok", dict.fromkeys(THREE[1:], "ok"))
    assert (job.state, job.outcome, job.ticket.state) == ("failed", "partial", "failed")
    rerun(job_id=job.pk, actor=people["erin"], at=timezone.now(), hosts="failed", comment="")
    assert [target["name"] for target in claim(job.pk).order.targets] == ["demo-01"]
    assert dict(job.hosts.values_list("name", "batch")) == {"demo-01": 1, "demo-02": None, "demo-03": None}


def test_I14_a_job_is_resumed_once(job, people) -> None:
    job = paused(job)
    resume(job_id=job.pk, actor=people["erin"], at=timezone.now())
    with pytest.raises(WrongState):
        resume(job_id=job.pk, actor=people["erin"], at=timezone.now())
    assert kinds(job.ticket).count("job.resumed") == 1


def test_I17_a_pause_against_the_end_is_the_end(job, people) -> None:
    claimed = claim(job.pk)
    pause(job_id=job.pk, actor=people["erin"], at=timezone.now())
    assert finish(job.pk, claimed.attempt, "", Verdict("ok", {name: HostResult("ok") for name in THREE}))
    job = fresh(job)
    assert (job.state, job.pause_requested_at, job.ticket.state) == ("completed", None, "completed")
    with pytest.raises(WrongState):
        pause(job_id=job.pk, actor=people["erin"], at=timezone.now())


def test_who_may_pause_and_resume(job, people) -> None:
    job = paused(job)
    for verb in (pause, resume):
        with pytest.raises(NotFound):
            verb(job_id=job.pk, actor=people["heidi"], at=timezone.now())
        with pytest.raises(NotAllowed):
            verb(job_id=job.pk, actor=people["bob"], at=timezone.now())
    with pytest.raises(NotAllowed):
        resume(job_id=job.pk, actor=people["alice"], at=timezone.now())
    assert allowed_actions(people["alice"], job, timezone.now()) == ["cancel"]


def test_a_run_without_batches_cannot_pause(people, hosts) -> None:
    job = approved_job("look", people, THREE)
    assert claim(job.pk)
    assert allowed_actions(people["erin"], fresh(job), timezone.now()) == ["cancel"]
    with pytest.raises(NotPausable):
        pause(job_id=job.pk, actor=people["erin"], at=timezone.now())


def test_a_cancelled_pause_tells_the_hosts_apart(job, people) -> None:
    job = paused(job, first="failed")
    cancel(job_id=job.pk, actor=people["alice"], at=timezone.now())
    job = fresh(job)
    assert (job.state, job.outcome, job.ticket.state) == ("cancelled", "cancelled", "failed")
    assert statuses(job) == {"demo-01": "failed", "demo-02": "not_reached", "demo-03": "not_reached"}
    assert "while it was paused" in log_of(job)
    assert is_whole(job)


def test_A33_a_pause_longer_than_the_approval_ends_the_job_and_says_so(job, people) -> None:
    job = paused(job)
    assert allowed_actions(people["erin"], job, job.expires_at) == ["cancel"]
    with pytest.raises(JobExpired):
        resume(job_id=job.pk, actor=people["erin"], at=job.expires_at)
    Job.objects.update(expires_at=Now() - timedelta(seconds=1))
    sweep()
    job = fresh(job)
    assert (job.state, job.outcome, job.ticket.state) == ("failed", "expired", "failed")
    assert statuses(job) == {"demo-01": "changed", "demo-02": "not_reached", "demo-03": "not_reached"}
    assert Event.objects.get(ticket=job.ticket, kind="job.finished").data["hosts"]["demo-01"] == "changed"


def test_I17_a_paused_change_is_not_walked_away_from(job, people) -> None:
    job = paused(job)
    with pytest.raises(AlreadyRunning):
        withdraw(number=job.ticket.number, actor=people["alice"], at=timezone.now())


ROWS = {
    "the job waits": "UPDATE automation_job SET state = 'waiting'",
    "and its visit is resumed": "UPDATE tickets_nodevisit SET outcome = 'resumed' WHERE node = 'run'",
    "or never began": "UPDATE tickets_nodevisit SET outcome = '', started_at = NULL, queue = '[]' WHERE node = 'run'",
}


@pytest.mark.parametrize("change", list(ROWS.values())[1:], ids=list(ROWS)[1:])
def test_A32_rows_changed_to_look_resumed_start_nothing(job, change: str) -> None:
    paused(job)
    tamper(ROWS["the job waits"])
    tamper("""UPDATE automation_job SET "only" = '["demo-02", "demo-03"]'""")
    tamper(change)
    assert claim(job.pk) is None
    job = fresh(job)
    assert (job.state, job.outcome) == ("failed", "refused")
    assert "over: the trail says job.paused" in log_of(job)
    assert kinds(job.ticket).count("job.started") == 1


def test_A32_rows_changed_to_look_paused_cannot_be_resumed(job, people) -> None:
    settled(job, "failed", dict.fromkeys(THREE, "failed"))
    tamper("UPDATE automation_job SET state = 'paused', finished_at = NULL, outcome = ''")
    with pytest.raises(WrongState):
        resume(job_id=job.pk, actor=people["erin"], at=timezone.now())
    tamper("UPDATE tickets_nodevisit SET outcome = 'paused' WHERE node = 'run'")
    with pytest.raises(WrongState):
        resume(job_id=job.pk, actor=people["erin"], at=timezone.now())


def test_A32_hosts_that_are_done_cannot_be_slipped_into_a_resumption(job, people) -> None:
    """What is left is read from the trail: rows say nothing of it."""
    paused(job)
    tamper("UPDATE automation_jobhost SET status = 'waiting'")
    resume(job_id=job.pk, actor=people["erin"], at=timezone.now())
    assert [target["name"] for target in claim(job.pk).order.targets] == ["demo-02", "demo-03"]


def test_the_pages_calls(job, people, client) -> None:
    client.force_login(people["erin"], backend="accounts.backends.PasswordBackend")
    assert client.post(f"/api/v1/jobs/{job.pk}/pause", {}, "application/json").json()["code"] == "wrong_state"
    claim(job.pk)
    answer = client.post(f"/api/v1/jobs/{job.pk}/pause", {}, "application/json")
    assert (answer.status_code, bool(answer.json()["pause_requested_at"])) == (200, True)
    finish(job.pk, 1, "", Verdict(PAUSED, {"demo-01": HostResult("ok")}))
    assert client.get(f"/api/v1/jobs/{job.pk}").json()["state"] == "paused"
    answer = client.post(f"/api/v1/jobs/{job.pk}/resume", {"comment": "on"}, "application/json")
    assert (answer.status_code, answer.json()["state"]) == (200, "waiting")
    assert get_job(people["erin"], job.pk, timezone.now()).only == ["demo-02", "demo-03"]


def test_what_was_done_before_the_pause_is_not_forgotten_when_the_rest_fails(job, people) -> None:
    job = paused(job)
    resume(job_id=job.pk, actor=people["erin"], at=timezone.now())
    job = settled(job, "failed", {"demo-02": "failed", "demo-03": "skipped"})
    assert (job.state, job.outcome, job.ticket.state) == ("failed", "partial", "failed")
