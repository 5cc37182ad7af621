"""Finding what no bell announced: due deliveries, expired leases, taps not yet worked off (I18, F3, F17)."""

import time
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from notify.channels import DEPENDENCIES
from notify.claim import LEASE
from notify.deliver import deliver_next
from notify.models import Callback, Delivery
from notify.states import WAITING
from notify.wecom.process import process_callback

CALLBACKS_MAX = 100
DELIVERIES_MAX = 200
BUDGET_S = 20.0
AHEAD = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=2)


def sweep() -> int:
    """Work off what is due, oldest first, decisions before news, within bounds; how many rows it were.

    Several sweeps may run at once: each row is claimed by one of them.
    """
    straighten(timezone.now())
    until = time.monotonic() + BUDGET_S
    due = Callback.objects.filter(processed_at__isnull=True, due_at__lte=timezone.now()).order_by("due_at", "pk")
    ids = list(due.values_list("pk", flat=True)[:CALLBACKS_MAX])
    for pk in ids:
        process_callback(pk)
    return len(ids) + sum(_drain(dependency, until) for dependency in DEPENDENCIES)


def straighten(now: datetime) -> None:
    """What a clock put off that was set back since is due now (F32).

    That is what was made in the future, or waits or is held for longer than anything ever does.
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
