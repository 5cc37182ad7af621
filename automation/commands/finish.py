"""Ends an attempt: the job, its hosts and the ticket, in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from automation.audit import recording
from automation.clock import db_now
from automation.executors.verdict import PAUSED, RunEnd, Verdict
from automation.jobs.locks import may_go_on
from automation.jobs.log import append
from automation.jobs.results import statuses, store_hosts
from automation.jobs.turns import ring_next
from automation.models import Job, JobHost
from automation.models.job import DONE, HostStatus
from automation.shells import enrolling
from automation.states import JobState, Outcome
from tickets.commands import execution
from tickets.trail.shapes.runs import StageRan


@transaction.atomic
def finish(job_id: int, attempt: int, text: str, verdict: Verdict) -> bool:
    """Store the end of this attempt. False if the job no longer belongs to this worker: then nothing changes (F30)."""
    job = Job.objects.select_for_update().filter(pk=job_id, attempt=attempt, state=JobState.RUNNING).first()
    if job is None:
        return False
    at = db_now()
    append(job, text)
    store_hosts(job, verdict.hosts)
    enrolling.note(job, verdict.handed, verdict.hosts, at)
    for run in verdict.runs:
        recording.run_ended(job=job.pk, attempt=attempt, run=_taken_back(run) if job.is_rollback else run, at=at)
    if verdict.outcome == PAUSED:
        _pause(job, at)
    else:
        end(job, verdict.outcome, verdict.stages, at)
    return True


def _taken_back(run: RunEnd) -> RunEnd:
    """The results of a rollback's run: done hosts count as `rolled_back`. A health check's results stay unchanged."""
    if run.is_health_check:
        return run
    hosts = {name: HostStatus.ROLLED_BACK if status in DONE else status for name, status in run.hosts.items()}
    return replace(run, outcome=Outcome.ROLLED_BACK if run.outcome == Outcome.OK else run.outcome, hosts=hosts)


def _pause(job: Job, at: datetime) -> None:
    """Pause this locked, running job between two batches: no worker holds it until a person decides."""
    hosts = statuses(job)
    job.pause()
    job.save()
    append(job, f"Paused: {list(hosts.values()).count(HostStatus.WAITING)} hosts are left\n", ours=True)
    recording.ended(job=job.pk, attempt=job.attempt, outcome=PAUSED, at=at)
    execution.pause(visit_id=job.visit_id, job_id=job.pk, at=at, hosts=hosts)
    ring_next(job)


def end(job: Job, outcome: str, stages: Sequence[StageRan] = (), at: datetime | None = None) -> None:
    """End this locked, running job with this outcome and move the ticket on.

    The outcome counts all hosts, not only those of the last run. at: by the database's clock; None for now.
    """
    at, hosts = at or db_now(), statuses(job)
    if job.is_rollback and outcome == Outcome.OK:
        outcome = Outcome.ROLLED_BACK
    elif outcome in (Outcome.OK, Outcome.FAILED) and not job.is_rollback:
        outcome = of_all(hosts, outcome)
    if outcome == Outcome.OK:
        job.complete(at=at)
    elif outcome == Outcome.CANCELLED:
        job.cancel(at=at)
    else:
        job.fail(at=at, outcome=outcome)
    job.holds_hosts = HostStatus.UNKNOWN in hosts.values() and (job.holds_hosts or may_go_on(job))
    job.save()
    recording.ended(job=job.pk, attempt=job.attempt, outcome=outcome, at=at)
    append(job, f"Ended: {Outcome(outcome).value}\n", ours=True)
    execution.settle(
        visit_id=job.visit_id, job_id=job.pk, at=at, ok=outcome == Outcome.OK, outcome=outcome, hosts=hosts,
        is_rollback=job.is_rollback, stages=stages,
    )  # fmt: skip
    ring_next(job)


def of_all(hosts: Mapping[str, str], outcome: str) -> str:
    """The outcome over all hosts: `partial` if only some are done, counting the hosts of earlier runs too."""
    done = sum(status in DONE for status in hosts.values())
    return Outcome.PARTIAL if done and (outcome == Outcome.FAILED or done < len(hosts)) else outcome


def lose(job: Job) -> None:
    """End this locked, running job as `unknown`: its worker is gone, and nobody knows how far it came (I14)."""
    running = [HostStatus.WAITING, HostStatus.RUNNING]
    JobHost.objects.filter(job=job.pk, status__in=running).update(status=HostStatus.UNKNOWN, touched=True)
    append(job, "The worker of this job is gone. Look at the hosts before a rerun.\n", ours=True)
    end(job, Outcome.UNKNOWN)
