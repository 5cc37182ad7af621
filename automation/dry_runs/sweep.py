"""Find dry runs that were missed: waiting ones, and those whose worker is gone (I18, F04, F37)."""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from automation.dry_runs.commands import TRIES_MAX, Claim, ring
from automation.dry_runs.ending import settle
from automation.dry_runs.result import GAVE_UP, Gathered, result_of
from automation.models.dry_run import OPEN, DryRun, DryRunState
from tickets.states.ticket import FINAL

logger = logging.getLogger("baton.automation")
LEASE, RING_AGAIN, AHEAD = timedelta(seconds=20), timedelta(seconds=15), timedelta(seconds=5)
BATCH = 50


def sweep() -> None:
    """Do what is due. It may be called any number of times, from any number of places."""
    straighten()
    forget_ended()
    try_again()
    ring_waiting()


def straighten() -> None:
    """Times in the future, from before the clock was set back, are set to now (F32)."""
    ahead = Now() + AHEAD
    DryRun.objects.filter(state=DryRunState.RUNNING, heartbeat_at__gt=ahead).update(heartbeat_at=Now())
    DryRun.objects.filter(state=DryRunState.WAITING, rung_at__gt=ahead).update(rung_at=Now())


def forget_ended() -> None:
    """Drop dry runs of ended tickets that were missed because events arrived out of order (F19)."""
    DryRun.objects.filter(state__in=OPEN, ticket__state__in=FINAL).update(state=DryRunState.DROPPED, finished_at=Now())


def try_again() -> None:
    """Dry runs whose worker died wait again: a dry run may be repeated. After the last try they fail."""
    dead = Q(state=DryRunState.RUNNING, heartbeat_at__lt=Now() - LEASE)
    DryRun.objects.filter(dead, tries__lt=TRIES_MAX).update(state=DryRunState.WAITING, rung_at=None)
    for pk, tries in DryRun.objects.filter(dead).order_by("pk").values_list("pk", "tries")[:BATCH]:
        try:
            settle(Claim(pk, tries, {}), result_of(Gathered((), ()), {}, is_good=False, message=GAVE_UP))
        except Exception:
            logger.exception("dry_run.sweep_failed", extra={"dry_run": pk})


@transaction.atomic
def ring_waiting() -> None:
    """Ring for waiting dry runs, oldest first, but not again before the worker has had time to react."""
    unrung = Q(rung_at__isnull=True) | Q(rung_at__lt=Now() - RING_AGAIN)
    waiting = DryRun.objects.filter(unrung, state=DryRunState.WAITING).order_by("pk")
    found = list(waiting.select_for_update(skip_locked=True).values_list("pk", "site")[:BATCH])
    DryRun.objects.filter(pk__in=[pk for pk, _site in found]).update(rung_at=Now())
    for pk, site in found:
        ring(pk, site)
