"""Commands of people on a job: pause, resume, cancel, rerun, rollback, resolve."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from accounts.models import User
from accounts.permissions import OPERATE, has_permission
from automation.audit import recording
from automation.errors import CommentNeeded, JobExpired, NoRollback, NothingToRerun, NothingToRollBack, NotPausable
from automation.executors.log_text import clean
from automation.jobs.log import append
from automation.jobs.results import leave, number_batches, statuses
from automation.jobs.sites import ring
from automation.jobs.turns import ring_next
from automation.models import Job, JobHost
from automation.models.job import DONE, HostStatus
from automation.queries.by_hand import is_by_hand
from automation.queries.jobs import get_job, has_batches, may_cancel
from automation.states import JobState, Outcome
from common.errors import finding
from tickets.commands import execution
from tickets.errors import Invalid, NotAllowed, OwnTicket, WrongState
from tickets.rules.rights import is_own

CANCELLED_AT_ONCE = {
    JobState.WAITING: "before it started",
    JobState.PAUSED: "while it was paused",
    JobState.RUNNING: "before all of it was ticked off",  # a manual job: there is no worker to ask
}
SAID_MAX = 1000
NEEDS_A_REASON = frozenset({Outcome.UNKNOWN, Outcome.REFUSED})


@transaction.atomic
def cancel(*, job_id: int, actor: User, at: datetime) -> Job:
    """Cancel a job: at once if it waits; if it runs, its worker stops every process within seconds.

    Raises NotFound, NotAllowed unless the actor operates or is the applicant, WrongState.
    """
    job = _locked(actor, job_id, at)
    if not may_cancel(actor, job):
        raise NotAllowed
    if job.state == JobState.RUNNING and not is_by_hand(job):
        if job.cancel_requested_at is None:
            job.cancel_requested_at = at
            job.save()
            append(job, f"Cancel asked for by {actor.username}\n", ours=True)
        return job
    if job.state not in CANCELLED_AT_ONCE:
        raise WrongState
    when = CANCELLED_AT_ONCE[JobState(job.state)]
    job.cancel(at=at)
    job.save()
    leave(job)
    recording.ended(job=job.pk, attempt=job.attempt, outcome=Outcome.CANCELLED, at=at)
    append(job, f"Cancelled by {actor.username} {when}\n", ours=True)
    execution.settle(
        visit_id=job.visit_id, job_id=job.pk, at=at, ok=False, outcome=Outcome.CANCELLED, hosts=statuses(job),
        is_rollback=job.is_rollback,
    )  # fmt: skip
    ring_next(job)
    return job


@transaction.atomic
def pause(*, job_id: int, actor: User, at: datetime) -> Job:
    """Pause a running job after its current batch; in its last batch, the job just ends.

    Raises NotFound, NotAllowed unless the actor operates or is the applicant, WrongState, NotPausable without batches.
    """
    job = _locked(actor, job_id, at)
    if not may_cancel(actor, job):
        raise NotAllowed
    if job.state != JobState.RUNNING or job.cancel_requested_at:
        raise WrongState
    if is_by_hand(job) or not has_batches(job):
        raise NotPausable
    if job.pause_requested_at is None:
        job.pause_requested_at = at
        job.save()
        append(job, f"Pause asked for by {actor.username}\n", ours=True)
    return job


@transaction.atomic
def resume(*, job_id: int, actor: User, at: datetime, comment: str = "") -> Job:
    """Continue with the remaining hosts. If the job still runs, only withdraw the request to pause.

    Raises NotFound, NotAllowed, WrongState, JobExpired outside the approval's validity (A33).
    """
    job = _locked(actor, job_id, at)
    if not has_permission(actor, OPERATE):
        raise NotAllowed
    if job.state == JobState.RUNNING and job.pause_requested_at and not job.cancel_requested_at:
        job.pause_requested_at = None
        job.save()
        append(job, f"Pause taken back by {actor.username}\n", ours=True)
        return job
    if job.state != JobState.PAUSED:
        raise WrongState
    if job.expires_at <= at:
        raise JobExpired
    left = execution.resume(visit_id=job.visit_id, job_id=job.pk, actor=actor, at=at, comment=comment)
    job.resume()
    job.only, job.rung_at = left, at
    job.save()
    append(job, f"Resumed by {actor.username}\n", ours=True)
    ring(job)
    return job


@transaction.atomic
def rerun(*, job_id: int, actor: User, at: datetime, hosts: str, comment: str) -> Job:
    """Run the approved plan again, on all its hosts or on those that are not done ("failed").

    Raises NotFound, NotAllowed, WrongState, JobExpired outside the approval's validity (A33), CommentNeeded
    after an unknown outcome or a refusal, NothingToRerun.
    """
    job = _operated(actor, job_id, at)
    if job.expires_at <= at:
        raise JobExpired
    if job.outcome in NEEDS_A_REASON and not comment.strip():
        raise CommentNeeded
    again = JobHost.objects.filter(job=job.pk)
    if hosts == "failed":
        again = again.exclude(status__in=DONE)
    names = list(again.order_by("pk").values_list("name", flat=True))
    if not names:
        raise NothingToRerun
    execution.rerun(visit_id=job.visit_id, job_id=job.pk, actor=actor, at=at, comment=comment, hosts=names)
    job.rerun()
    job.only, job.rung_at = names, at
    job.save()
    JobHost.objects.filter(job=job.pk, name__in=names).update(status=HostStatus.WAITING, changed=False, message="")
    number_batches(job)
    append(job, f"Rerun asked for by {actor.username}\n", ours=True)
    ring(job)
    return job


@transaction.atomic
def rollback(*, job_id: int, actor: User, at: datetime, hosts: list[str] | None = None, comment: str = "") -> Job:
    """Run the plan's rollback on all hosts that a run has touched, or on the given ones of them.

    Also allowed after the node is completed, because problems may show later. Raises NotFound, NotAllowed, WrongState,
    NoRollback, JobExpired outside the approval's validity (A33), Invalid for hosts that no run has touched,
    NothingToRollBack, CommentNeeded as for a rerun.
    """
    job = _locked(actor, job_id, at)
    if not has_permission(actor, OPERATE):
        raise NotAllowed
    if job.state in (JobState.WAITING, JobState.RUNNING):
        raise WrongState
    if "rollback" not in job.content.plans[job.node]:
        raise NoRollback
    if job.expires_at <= at:
        raise JobExpired
    if job.outcome in NEEDS_A_REASON and not comment.strip():
        raise CommentNeeded
    names = _touched(job, hosts)
    execution.rollback(visit_id=job.visit_id, job_id=job.pk, actor=actor, at=at, hosts=names, comment=comment)
    job.rollback()
    job.only, job.rung_at = names, at
    job.save()
    leave(job)
    JobHost.objects.filter(job=job.pk, name__in=names).update(status=HostStatus.WAITING, changed=False, message="")
    number_batches(job)
    append(job, f"Rollback asked for by {actor.username}\n", ours=True)
    ring(job)
    return job


def _touched(job: Job, hosts: list[str] | None) -> list[str]:
    """The touched hosts of this job, or the given ones. Raises Invalid for one not touched, NothingToRollBack."""
    touched = list(JobHost.objects.filter(job=job.pk, touched=True).order_by("pk").values_list("name", flat=True))
    for index, name in enumerate(hosts or []):
        if name not in touched:
            message = gettext("No run of this job has changed this host.")
            raise Invalid([finding(f"hosts[{index}]", "not_touched", message)])
    names = [name for name in touched if hosts is None or name in hosts]
    if not names:
        raise NothingToRollBack
    return names


@transaction.atomic
def resolve(*, job_id: int, actor: User, at: datetime, comment: str) -> Job:
    """Let the chain continue after a person fixed it by hand. The job keeps its outcome and releases its hosts.

    If the ticket no longer waits for the job, only the hosts are released. Raises NotFound, NotAllowed, OwnTicket for
    people who requested or changed it, WrongState, CommentNeeded.
    """
    job = _operated(actor, job_id, at)
    if is_own(job.ticket, job.content, actor.pk):
        raise OwnTicket
    if not comment.strip():
        raise CommentNeeded
    try:
        execution.resolve(visit_id=job.visit_id, job_id=job.pk, actor=actor, at=at, comment=comment)
    except WrongState:
        if not job.holds_hosts:
            raise
        append(job, f"{actor.username} looked at the hosts: {clean(comment, SAID_MAX)}\n", ours=True)
    append(job, f"Resolved by {actor.username}\n", ours=True)
    if job.holds_hosts:
        Job.objects.filter(pk=job.pk).update(holds_hosts=False)
        ring_next(job)
    return job


def _locked(actor: User, job_id: int, at: datetime) -> Job:
    """Lock this job's row and read it. Raises NotFound if the actor may not see it."""
    get_job(actor, job_id, at)
    return Job.objects.select_for_update(of=("self",)).select_related("ticket", "content").get(pk=job_id)


def _operated(actor: User, job_id: int, at: datetime) -> Job:
    job = _locked(actor, job_id, at)
    if not has_permission(actor, OPERATE):
        raise NotAllowed
    if job.state not in (JobState.FAILED, JobState.CANCELLED):
        raise WrongState
    return job
