"""Ending an attempt: the job, its hosts and the ticket, in one transaction."""

from django.db import transaction

from automation.clock import db_now
from automation.commands.log import append
from automation.commands.pulse import store_hosts
from automation.models import Job, JobHost
from automation.models.job import HostStatus
from automation.states import JobState, Outcome
from automation.verdict import Verdict
from tickets.commands import execution


@transaction.atomic
def finish(job_id: int, attempt: int, text: str, verdict: Verdict) -> bool:
    """Settle this attempt. False where the job is no longer this worker's: then nothing changes (F30)."""
    job = Job.objects.select_for_update().filter(pk=job_id, attempt=attempt, state=JobState.RUNNING).first()
    if job is None:
        return False
    append(job, text)
    store_hosts(job.pk, verdict.hosts)
    end(job, verdict.outcome)
    return True


def end(job: Job, outcome: str) -> None:
    """End this locked, running job with this outcome and move the ticket on. A rerun counts all hosts."""
    at = db_now()
    hosts = dict(JobHost.objects.filter(job=job.pk).values_list("name", "status"))
    if outcome == Outcome.OK:
        job.complete(at=at)
    elif outcome == Outcome.CANCELLED:
        job.cancel(at=at)
    else:
        job.fail(at=at, outcome=outcome)
    job.save()
    append(job, f"Ended: {Outcome(outcome).value}\n", ours=True)
    execution.settle(
        visit_id=job.visit_id, job_id=job.pk, at=at, ok=outcome == Outcome.OK, outcome=outcome, hosts=hosts
    )


def lose(job: Job) -> None:
    """The worker of this locked, running job is gone: nobody knows how far it came (I14)."""
    running = [HostStatus.WAITING, HostStatus.RUNNING]
    JobHost.objects.filter(job=job.pk, status__in=running).update(status=HostStatus.UNKNOWN)
    append(job, "The worker of this job is gone. Look at the hosts before a rerun.\n", ours=True)
    end(job, Outcome.UNKNOWN)
