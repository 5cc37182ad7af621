"""Turns of jobs: a job starts when no other job blocks it; a job that ends rings for those that waited for it."""

import logging
from collections.abc import Iterator

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from automation.jobs.locks import needs_of, waits
from automation.jobs.sites import ring
from automation.models import Job, JobHost
from automation.plans.preview import steps_of, with_checks
from automation.states import JobState
from tickets.engine.release import Approved

logger = logging.getLogger("baton.automation")
TURN = 0x7475726E  # "turn": key of the advisory lock that a claim holds from its look at running jobs to its commit
AT_ONCE = 50


class Busy(Exception):
    """The job has to wait for another one; it has not started."""


def has_to_queue(job: Job) -> bool:
    """Whether another job blocks this one. A cheap check before the claim; the claim decides."""
    found = waits([job.pk]).get(job.pk, [])
    if found:
        logger.info("job.queues", extra={"job": job.pk, "behind": found[0].job})
    return bool(found)


def take_turn(job: Job, approved: Approved) -> None:
    """Let this locked job start only if no running job blocks it. Raises Busy.

    An advisory lock serializes claims that need hosts or a limited action: each claim sees every job that started
    before it.
    """
    plan = approved.plan
    steps = with_checks([plan["rollback"]] if approved.is_rollback else steps_of(plan))
    if not needs_of([(step["action"], step["version"]) for step in steps]).anything:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TURN])
    if found := waits([job.pk], queued=False).get(job.pk):
        raise Busy(f"job {found[0].job}")


def ring_next(job: Job) -> None:
    """Ring for jobs that waited for this job, which has just ended or released its hosts, and can start now.

    Their rows are not updated here: claims may hold locks on them while they wait for this transaction.
    """
    same_host = JobHost.objects.filter(name__in=JobHost.objects.filter(job=job.pk).values("name")).values("job")
    behind = due_jobs().filter(Q(action=job.action) | Q(pk__in=same_host)).exclude(pk=job.pk)
    found = list(behind.order_by("pk")[:AT_ONCE])
    stuck = waits([other.pk for other in found]) if found else {}
    for other in found:
        if other.pk not in stuck:
            ring(other)


def due_jobs() -> QuerySet[Job]:
    """Waiting jobs whose start time has come and whose approval is still valid."""
    due = Q(not_before__isnull=True) | Q(not_before__lte=Now())
    return Job.objects.filter(due, state=JobState.WAITING, expires_at__gt=Now())


def free(jobs: QuerySet[Job]) -> Iterator[int]:
    """The ids of the waiting jobs among these that no other job blocks, oldest first."""
    after = 0
    while True:
        found = list(jobs.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
        stuck = waits(found) if found else {}
        yield from (pk for pk in found if pk not in stuck)
        if len(found) < AT_ONCE:
            return
        after = found[-1]
