"""People cancel, rerun and resolve jobs (I23, A33, F28, F29)."""

import pytest
from django.utils import timezone

from automation.commands.claim import claim
from automation.commands.control import cancel, rerun, resolve
from automation.commands.finish import finish
from automation.errors import CommentNeeded, JobExpired, NothingToRerun
from automation.executors.base import HostResult
from automation.executors.verdict import Verdict
from automation.models import Job
from automation.queries.jobs import allowed_actions, get_job
from tests.automation.world import approved_job, kinds
from tickets.errors import NotAllowed, NotFound, WrongState

pytestmark = pytest.mark.django_db


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
