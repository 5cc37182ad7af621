"""What people do with a job: cancel, rerun, resolve."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.permissions import OPERATE, has_permission
from automation.commands.log import append
from automation.errors import CommentNeeded, JobExpired, NothingToRerun
from automation.models import Job, JobHost
from automation.models.job import DONE, HostStatus
from automation.queries.jobs import get_job, may_cancel
from automation.states import JobState, Outcome
from config import doorbell
from tickets.commands import execution
from tickets.errors import NotAllowed, WrongState

NEEDS_A_REASON = frozenset({Outcome.UNKNOWN, Outcome.REFUSED})


@transaction.atomic
def cancel(*, job_id: int, actor: User, at: datetime) -> Job:
    """End a job: at once where it waits; where it runs, its worker ends every process within seconds.

    Raises NotFound, NotAllowed unless the actor operates or is the applicant, WrongState.
    """
    job = _locked(actor, job_id, at)
    if not may_cancel(actor, job):
        raise NotAllowed
    if job.state == JobState.RUNNING:
        if job.cancel_requested_at is None:
            job.cancel_requested_at = at
            job.save()
            append(job, f"Cancel asked for by {actor.username}\n", ours=True)
        return job
    if job.state != JobState.WAITING:
        raise WrongState
    job.cancel(at=at)
    job.save()
    JobHost.objects.filter(job=job.pk, status=HostStatus.WAITING).update(status=HostStatus.CANCELLED)
    append(job, f"Cancelled by {actor.username} before it started\n", ours=True)
    hosts = dict(JobHost.objects.filter(job=job.pk).values_list("name", "status"))
    execution.settle(visit_id=job.visit_id, job_id=job.pk, at=at, ok=False, outcome=Outcome.CANCELLED, hosts=hosts)
    return job


@transaction.atomic
def rerun(*, job_id: int, actor: User, at: datetime, hosts: str, comment: str) -> Job:
    """Run the approved plan once more, on all its hosts or on those that are not done ("failed").

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
    append(job, f"Rerun asked for by {actor.username}\n", ours=True)
    doorbell.ring("automation.run", job.pk)
    return job


@transaction.atomic
def resolve(*, job_id: int, actor: User, at: datetime, comment: str) -> Job:
    """A person settled it by hand: the chain goes on, the job stays as it ended.

    Raises NotFound, NotAllowed, WrongState, CommentNeeded.
    """
    job = _operated(actor, job_id, at)
    if not comment.strip():
        raise CommentNeeded
    execution.resolve(visit_id=job.visit_id, job_id=job.pk, actor=actor, at=at, comment=comment)
    append(job, f"Resolved by {actor.username}\n", ours=True)
    return job


def _locked(actor: User, job_id: int, at: datetime) -> Job:
    """This job, its row locked, as it is now. Raises NotFound where the actor may not see it."""
    get_job(actor, job_id, at)
    return Job.objects.select_for_update(of=("self",)).select_related("ticket").get(pk=job_id)


def _operated(actor: User, job_id: int, at: datetime) -> Job:
    job = _locked(actor, job_id, at)
    if not has_permission(actor, OPERATE):
        raise NotAllowed
    if job.state not in (JobState.FAILED, JobState.CANCELLED):
        raise WrongState
    return job
