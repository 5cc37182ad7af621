"""What no bell rang for: due jobs, expired approvals, closed visits, dead workers (I10, I18, F3, F17)."""

import logging
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from automation.clock import db_now
from automation.commands.claim import forget, refuse
from automation.commands.finish import lose
from automation.models import Job
from automation.states import JobState, Outcome
from config import doorbell
from tickets.models import NodeVisit

logger = logging.getLogger("baton.automation")
LEASE = timedelta(seconds=20)
RING_AGAIN = timedelta(seconds=15)
AHEAD = timedelta(seconds=5)
BATCH = 50


def sweep() -> None:
    """Do what is due. Call it as often as you like, from as many places."""
    straighten()
    lose_dead()
    expire_old()
    forget_closed()
    ring_due()


def straighten() -> None:
    """What a clock wrote that was set back since counts from now on: a live worker writes it anew, a dead one is found.

    Otherwise a heartbeat from the future would be fresh, and a job that was rung for would not be rung for again,
    until the clock has caught up (F32).
    """
    ahead = Now() + AHEAD
    Job.objects.filter(state=JobState.RUNNING, heartbeat_at__gt=ahead).update(heartbeat_at=Now())
    Job.objects.filter(state=JobState.WAITING, rung_at__gt=ahead).update(rung_at=Now())


def lose_dead() -> None:
    """Running jobs whose lease ran out: failed, outcome unknown; nothing starts them again by itself."""
    _each(Q(state=JobState.RUNNING, heartbeat_at__lt=Now() - LEASE), lose)


def expire_old() -> None:
    """Waiting jobs whose approval ran out (A33, F27)."""
    old = Q(state=JobState.WAITING, expires_at__lte=Now())
    _each(old, lambda job: refuse(job, Outcome.EXPIRED, "The approval is no longer valid."))


def forget_closed() -> None:
    """Waiting jobs of visits that have closed, where the news of the one overtook the other (I17, F19)."""
    closed = Q(state=JobState.WAITING) & ~Q(visit__state=NodeVisit.State.OPEN)
    _each(closed, lambda job: forget(job, db_now()))


@transaction.atomic
def ring_due() -> None:
    """Ring for waiting jobs that are due, oldest first, and not again before the worker had a chance."""
    due = Q(not_before__isnull=True) | Q(not_before__lte=Now())
    unrung = Q(rung_at__isnull=True) | Q(rung_at__lt=Now() - RING_AGAIN)
    jobs = _locked(due & unrung & Q(state=JobState.WAITING, expires_at__gt=Now()))
    Job.objects.filter(pk__in=[job.pk for job in jobs]).update(rung_at=Now())
    for job in jobs:
        doorbell.ring("automation.run", job.pk)


def _each(which: Q, act: Callable[[Job], None]) -> None:
    """Each of these jobs in a transaction of its own: one that cannot be settled does not hold up the rest."""
    for pk in list(Job.objects.filter(which).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        try:
            with transaction.atomic():
                for job in _locked(which & Q(pk=pk)):
                    act(job)
        except Exception:
            logger.exception("job.sweep_failed", extra={"job": pk})


def _locked(which: Q) -> list[Job]:
    return list(Job.objects.select_for_update(skip_locked=True, of=("self",)).filter(which).order_by("pk")[:BATCH])
