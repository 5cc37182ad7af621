"""What no bell rang for: due jobs, expired approvals, dead workers (I10, I18, F3, F17)."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from automation.commands.claim import refuse
from automation.commands.finish import lose
from automation.models import Job
from automation.states import JobState, Outcome
from config import doorbell

LEASE = timedelta(seconds=20)
RING_AGAIN = timedelta(seconds=15)
BATCH = 50


def sweep() -> None:
    """Do what is due. Call it as often as you like, from as many places."""
    lose_dead()
    expire_old()
    ring_due()


@transaction.atomic
def lose_dead() -> None:
    """Running jobs whose lease ran out: failed, outcome unknown; nothing starts them again by itself."""
    for job in _locked(Q(state=JobState.RUNNING, heartbeat_at__lt=Now() - LEASE)):
        lose(job)


@transaction.atomic
def expire_old() -> None:
    """Waiting jobs whose approval ran out (A33, F27)."""
    for job in _locked(Q(state=JobState.WAITING, expires_at__lte=Now())):
        refuse(job, Outcome.EXPIRED, "The approval is no longer valid.")


@transaction.atomic
def ring_due() -> None:
    """Ring for waiting jobs that are due, oldest first, and not again before the worker had a chance."""
    due = Q(not_before__isnull=True) | Q(not_before__lte=Now())
    unrung = Q(rung_at__isnull=True) | Q(rung_at__lt=Now() - RING_AGAIN)
    jobs = _locked(due & unrung & Q(state=JobState.WAITING, expires_at__gt=Now()))
    Job.objects.filter(pk__in=[job.pk for job in jobs]).update(rung_at=Now())
    for job in jobs:
        doorbell.ring("automation.run", job.pk)


def _locked(which: Q) -> list[Job]:
    return list(Job.objects.select_for_update(skip_locked=True).filter(which).order_by("pk")[:BATCH])
