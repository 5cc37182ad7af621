"""Finding what no bell announced: due deliveries, expired leases, taps not yet worked off (I18, F3, F17)."""

import time

from django.utils import timezone

from notify.channels import DEPENDENCIES
from notify.deliver import deliver_next
from notify.models import Callback
from notify.wecom.process import process_callback

CALLBACKS_MAX = 100
DELIVERIES_MAX = 200
BUDGET_S = 20.0


def sweep() -> int:
    """Work off what is due, oldest first, decisions before news, within bounds; how many rows it were.

    Several sweeps may run at once: each row is claimed by one of them.
    """
    until = time.monotonic() + BUDGET_S
    due = Callback.objects.filter(processed_at__isnull=True, due_at__lte=timezone.now()).order_by("due_at", "pk")
    ids = list(due.values_list("pk", flat=True)[:CALLBACKS_MAX])
    for pk in ids:
        process_callback(pk)
    return len(ids) + sum(_drain(dependency, until) for dependency in DEPENDENCIES)


def _drain(dependency: str, until: float) -> int:
    done = 0
    while done < DELIVERIES_MAX and time.monotonic() < until and deliver_next(dependency):
        done += 1
    return done
