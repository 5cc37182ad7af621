"""Sweep for missed work: due deliveries, expired leases, unprocessed taps (I18, F03, F17)."""

import time
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from notify.models import Callback, Delivery
from notify.ports import dependencies
from notify.sending.claim import LEASE
from notify.sending.deliver import deliver_next
from notify.states import WAITING
from notify.wecom.process import process_callback

CALLBACKS_MAX = 100
DELIVERIES_MAX = 200
BUDGET_S = 20.0
AHEAD = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=2)


def sweep() -> int:
    """Process what is due, oldest first, taps before deliveries, within limits; return the number of rows.

    Several sweeps may run at once: one of them claims each row.
    """
    straighten(timezone.now())
    until = time.monotonic() + BUDGET_S
    due = Callback.objects.filter(processed_at__isnull=True, due_at__lte=timezone.now()).order_by("due_at", "pk")
    ids = list(due.values_list("pk", flat=True)[:CALLBACKS_MAX])
    for pk in ids:
        process_callback(pk)
    return len(ids) + sum(_drain(dependency, until) for dependency in dependencies())


def straighten(now: datetime) -> None:
    """Make rows due now that were postponed before the clock was set back (F32).

    These are rows created in the future, and rows that wait or are leased for longer than normal operation allows.
    """
    made_ahead = Q(created_at__gt=now + AHEAD, attempts=0, due_at__gt=now)
    waiting = Delivery.objects.filter(state__in=WAITING)
    waiting.filter(made_ahead | Q(due_at__gt=now + LONGEST_WAIT)).update(due_at=now)
    waiting.filter(lease_until__gt=now + LEASE + AHEAD).update(lease_until=None)
    Callback.objects.filter(processed_at__isnull=True, due_at__gt=now + LONGEST_WAIT).update(due_at=now)


def _drain(dependency: str, until: float) -> int:
    done = 0
    while done < DELIVERIES_MAX and time.monotonic() < until and deliver_next(dependency):
        done += 1
    return done
