"""Asks another system for the results of a job whose worker is gone (F05, F06, F28, F30).

Only the executor's process can ask, because only it has the log-ins. Nothing is started here. Each time, the known
results are stored and the lease is renewed; the job stays running until all results are known or its time limit has
passed. If no executor asks, the sweep ends the job as lost. Executors keep asking about a lost job: late results are
stored too and release its hosts, but the outcome does not change; a person decides about it (F29).
"""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from automation.clock import db_now
from automation.commands.finish import end, lose
from automation.executors.base import Refused
from automation.executors.verdict import Ending, verdict_of
from automation.jobs.log import append
from automation.jobs.orders import stages_of
from automation.jobs.results import statuses, store_hosts
from automation.jobs.sites import is_mine
from automation.jobs.traces import Traces, traces_of
from automation.jobs.turns import ring_next
from automation.models import Job
from automation.models.job import OPEN, HostStatus
from automation.states import JobState
from automation.states.job import ENDED
from common.errors import DomainError
from tickets.commands import execution

logger = logging.getLogger("baton.automation")
LEASE = timedelta(seconds=20)
ASKING = "The worker of this job is gone. Asking what became of its run.\n"
LATE = "Late answers\n"


def lost() -> Q:
    """Running jobs whose lease ran out."""
    return Q(state=JobState.RUNNING, heartbeat_at__lt=Now() - LEASE)


def held() -> Q:
    """Ended jobs that still hold hosts, because it is unknown whether something still runs there."""
    return Q(state__in=ENDED, holds_hosts=True)


def ask(job_id: int) -> bool:
    """Ask for the results of a lost job or one that holds hosts, if possible. False if it is neither."""
    job = Job.objects.select_related("content").filter(lost() | held(), pk=job_id).first()
    if job is None:
        return False
    try:
        found = _found(job)
    except (Refused, DomainError) as error:
        logger.warning("job.cannot_be_asked", extra={"job": job_id, "error": str(error)})
        return True
    if found is not None:
        (_write if job.state == JobState.RUNNING else _write_late)(job, found)
    return True


def _found(job: Job) -> Traces | None:
    """The known results, read with the signed plan only, not with rows. None if nothing can be asked here: the job is
    for another site, or its executor leaves no traces. Raises Refused, DomainError."""
    approved = execution.begun(visit_id=job.visit_id, job_id=job.pk, at=db_now())
    if not is_mine(job) or approved.plan.get("site", "") != job.site:
        return None
    return traces_of([(stage.order, bool(stage.step.get("take"))) for stage in stages_of(job, approved)])


@transaction.atomic
def _write(job: Job, found: Traces) -> None:
    """Store the results of a lost job. Do nothing if its worker is alive after all, or another caller was first."""
    locked = Job.objects.select_for_update().filter(lost(), pk=job.pk, attempt=job.attempt).first()
    if locked is None:
        return
    if not locked.log.filter(text__contains=ASKING.strip()).exists():
        append(locked, ASKING, ours=True)
    _store(locked, found, OPEN, "")
    if all(name in found.hosts for name in found.names):
        end(locked, verdict_of(found.names, found.hosts, Ending(0, has_verdict=True)).outcome)
    elif locked.cancel_requested_at or _is_over(locked, found):
        lose(locked)
    else:
        Job.objects.filter(pk=locked.pk).update(heartbeat_at=Now())


@transaction.atomic
def _write_late(job: Job, found: Traces) -> None:
    """Store late results of an ended job. Do nothing if a person has resolved it meanwhile."""
    locked = Job.objects.select_for_update().filter(held(), pk=job.pk, attempt=job.attempt).first()
    if locked is None:
        return
    _store(locked, found, frozenset({HostStatus.UNKNOWN}), LATE)
    if HostStatus.UNKNOWN not in statuses(locked).values():
        Job.objects.filter(pk=locked.pk).update(holds_hosts=False)
    ring_next(locked)


def _store(locked: Job, found: Traces, old: frozenset[HostStatus], head: str) -> None:
    """Store the results of hosts whose status was one of `old` until now, and add them to the log."""
    before = statuses(locked)
    news = {name: result for name, result in found.hosts.items() if before.get(name) in old}
    store_hosts(locked, news)
    if news:
        append(locked, head + "".join(f"{name}: {result.status}\n" for name, result in news.items()), ours=True)


def _is_over(job: Job, found: Traces) -> bool:
    """Whether the time limit of all its runs together has passed."""
    return job.started_at is None or db_now() > job.started_at + timedelta(seconds=found.limit_s)
