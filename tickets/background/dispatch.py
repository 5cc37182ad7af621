"""Dispatch the outbox: hand committed events to the subscribers (I18, I19).

One transaction takes a batch of outbox rows, lets every subscriber write its rows, and deletes the batch: all or
nothing. Attempts are counted before they are made, so a batch that fails, or kills its worker, is known afterwards.
Its rows are then retried one by one, with growing waits. One bad row never blocks the rest (F37). Rows are never
given up: after STUCK_AFTER attempts they are logged as stuck; waits grow to an hour at most.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from tickets.models import Event, Outbox
from tickets.ports import subscribers

logger = logging.getLogger("baton.dispatch")
BATCH = 200
STUCK_AFTER = 5
SLOWEST = timedelta(hours=1)


def wait_after(attempts: int) -> timedelta:
    """How long a row waits after so many attempts: none, 5 s, 20 s, 80 s, … up to an hour."""
    if attempts < 2:
        return timedelta()
    return min(SLOWEST, timedelta(seconds=5 * 4 ** min(attempts - 2, 8)))


def dispatch(at: datetime | None = None) -> int:
    """Hand out all waiting events; returns how many. Any number of callers may run at once (F09)."""
    now = at or timezone.now()
    total = 0
    while claimed := _claim(Outbox.objects.filter(attempts=0), BATCH, now):
        total += _hand_out(claimed, 1)
    return total + _stragglers(now)


def _stragglers(now: datetime) -> int:
    """Retry each failed row alone; those with the fewest attempts first, so that one that kills workers comes last."""
    ahead = Outbox.objects.filter(attempts__gt=0, due_at__gt=now + SLOWEST)
    ahead.update(due_at=now)  # postponed by a clock that was set back since (F32)
    tried = Outbox.objects.filter(attempts__gt=0, due_at__lte=now).order_by("attempts", "event_id")
    done = 0
    for event_id, attempts in list(tried.values_list("event_id", "attempts")[:BATCH]):
        if _claim(tried.filter(pk=event_id, attempts=attempts), 1, now):
            done += _hand_out([event_id], attempts + 1)
    return done


@transaction.atomic
def _claim(waiting: QuerySet[Outbox], size: int, now: datetime) -> list[int]:
    """The oldest unlocked rows of this query, all with the same number of attempts; counts and commits the attempt."""
    rows = list(waiting.order_by("event_id").select_for_update(skip_locked=True)[:size])
    claimed = [row.event_id for row in rows]
    if rows:
        attempts = rows[0].attempts + 1
        Outbox.objects.filter(pk__in=claimed).update(attempts=attempts, due_at=now + wait_after(attempts))
    return claimed


def _hand_out(claimed: list[int], attempts: int) -> int:
    """Hand out all of these rows or none; returns how many. Failed rows stay, and the failure is logged."""
    try:
        with transaction.atomic():
            rows = Outbox.objects.filter(pk__in=claimed).select_for_update(skip_locked=True)
            event_ids = [row.event_id for row in rows]
            if event_ids:
                _tell(event_ids)
                Outbox.objects.filter(pk__in=event_ids).delete()
            return len(event_ids)
    except Exception:
        what = "event_stuck" if attempts >= STUCK_AFTER else "event_failed" if len(claimed) == 1 else "batch_failed"
        logger.exception("dispatch.%s", what, extra={"event": claimed[0], "events": len(claimed)})
        return 0


def _tell(event_ids: list[int]) -> None:
    events = list(
        Event.objects.filter(pk__in=event_ids)
        .select_related("ticket__applicant", "ticket__template_version__template", "actor")
        .defer(*(f"ticket__template_version__{column}" for column in ("source", "document", "program")))
        .order_by("id")
    )
    for subscriber in subscribers():
        subscriber(events)
