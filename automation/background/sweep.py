"""The periodic sweep: finds due jobs, expired approvals, closed visits and dead workers (I10, I18, F03, F17)."""

import logging
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from automation.clock import db_now
from automation.commands.finish import lose
from automation.commands.late_results import LEASE, held, lost
from automation.executors import TRACED
from automation.jobs.locks import waits
from automation.jobs.refusing import forget, refuse
from automation.jobs.sites import ring
from automation.jobs.turns import due_jobs
from automation.models import Job
from automation.states import JobState, Outcome
from tickets.models import NodeVisit

logger = logging.getLogger("baton.automation")
ASKED = timedelta(seconds=60)  # this long after the lease ran out, no executor is asking: the job is lost
RING_AGAIN = timedelta(seconds=15)
ASK_AGAIN, ASKED_FOR = timedelta(seconds=60), timedelta(days=1)  # how often and how long to ask about a lost job
AHEAD = timedelta(seconds=5)
BATCH = 50


def sweep() -> None:
    """Do everything that is due. May be called at any time, also in parallel."""
    straighten()
    lose_dead()
    ask_late()
    expire_old()
    forget_closed()
    ring_due()


def straighten() -> None:
    """Set times in the future to now: they remain after a clock was set back. Live workers renew their heartbeat.

    Otherwise a dead worker's heartbeat would look fresh, and a waiting job would not be rung for again, until the
    clock has caught up (F32).
    """
    ahead = Now() + AHEAD
    Job.objects.filter(state=JobState.RUNNING, heartbeat_at__gt=ahead).update(heartbeat_at=Now())
    Job.objects.filter(state=JobState.WAITING, rung_at__gt=ahead).update(rung_at=Now())


def lose_dead() -> None:
    """End running jobs whose lease ran out: failed, outcome unknown; they are never restarted automatically.

    If another system may have the results, an executor is rung first, to ask for them.
    """
    _each(lost(), _lose_or_ring)


def _lose_or_ring(job: Job) -> None:
    plan, at = job.content.plans[job.node], db_now()
    executor = plan["rollback"]["executor"] if job.is_rollback else plan["executor"]
    if executor not in TRACED or job.heartbeat_at is None or job.heartbeat_at < at - LEASE - ASKED:
        lose(job)
    elif job.rung_at is None or job.rung_at < at - RING_AGAIN:
        Job.objects.filter(pk=job.pk).update(rung_at=Now())
        ring(job)


def ask_late() -> None:
    """Ring an executor, now and then, for ended jobs that hold hosts with unknown results: it asks for them (F29)."""
    quiet = Q(rung_at__isnull=True) | Q(rung_at__lt=Now() - ASK_AGAIN)
    _each(held() & quiet & Q(finished_at__gt=Now() - ASKED_FOR), _ring_late)


def _ring_late(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(rung_at=Now())
    ring(job)


def expire_old() -> None:
    """End waiting and paused jobs whose approval ran out (A33, F27)."""
    old = Q(state__in=[JobState.WAITING, JobState.PAUSED], expires_at__lte=Now())
    _each(old, lambda job: refuse(job, Outcome.EXPIRED, "The approval is no longer valid."))


def forget_closed() -> None:
    """End waiting and paused jobs whose visit has closed (I17, F19)."""
    closed = Q(state__in=[JobState.WAITING, JobState.PAUSED], is_rollback=False) & ~Q(visit__state=NodeVisit.State.OPEN)
    _each(closed, lambda job: forget(job, db_now()))


@transaction.atomic
def ring_due() -> None:
    """Ring for waiting jobs that are due, oldest first; ring again only after RING_AGAIN.

    Jobs that another job blocks are skipped until the next sweep.
    """
    unrung = Q(rung_at__isnull=True) | Q(rung_at__lt=Now() - RING_AGAIN)
    jobs = _locked(unrung, due_jobs())
    stuck = waits([job.pk for job in jobs])
    Job.objects.filter(pk__in=[job.pk for job in jobs]).update(rung_at=Now())
    for job in jobs:
        if job.pk not in stuck:
            ring(job)


def _each(which: Q, act: Callable[[Job], None]) -> None:
    """Call `act` for each of these jobs in its own transaction, so that one error does not stop the others."""
    for pk in list(Job.objects.filter(which).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        try:
            with transaction.atomic():
                for job in _locked(which & Q(pk=pk)):
                    act(job)
        except Exception:
            logger.exception("job.sweep_failed", extra={"job": pk})


def _locked(which: Q, jobs: QuerySet[Job] | None = None) -> list[Job]:
    among = Job.objects.all() if jobs is None else jobs
    return list(among.select_for_update(skip_locked=True, of=("self",)).filter(which).order_by("pk")[:BATCH])
