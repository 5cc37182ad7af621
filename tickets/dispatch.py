"""Handing committed events to the subscribers: the outbox's other end (I18, I19).

One transaction takes a batch of outbox rows, lets every subscriber write its rows and deletes the batch: all of
it happens, or none. An attempt is counted before it is made, so a batch that fails, or kills its worker, is known
afterwards: its rows are then tried one by one, each time after a longer wait. One bad row never stops the rest
(F37), and none is ever given up: after STUCK_AFTER tries it is an error for a person, and tried once an hour.
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
    """How long a row rests after so many tries: none, 5 s, 20 s, 80 s, … up to an hour."""
    if attempts < 2:
        return timedelta()
    return min(SLOWEST, timedelta(seconds=5 * 4 ** min(attempts - 2, 8)))


def dispatch(at: datetime | None = None) -> int:
    """Hand out everything that waits; answers how many events. Any number of callers may run at once (F9)."""
    now = at or timezone.now()
    total = 0
    while claimed := _claim(Outbox.objects.filter(attempts=0), BATCH, now):
        total += _hand_out(claimed, 1)
    return total + _stragglers(now)


def _stragglers(now: datetime) -> int:
    """Each row that was tried in vain before, alone; the least tried first, so that a deadly one comes last."""
    ahead = Outbox.objects.filter(attempts__gt=0, due_at__gt=now + SLOWEST)
    ahead.update(due_at=now)  # put off by a clock that was set back since (F32)
    tried = Outbox.objects.filter(attempts__gt=0, due_at__lte=now).order_by("attempts", "event_id")
    done = 0
    for event_id, attempts in list(tried.values_list("event_id", "attempts")[:BATCH]):
        if _claim(tried.filter(pk=event_id, attempts=attempts), 1, now):
            done += _hand_out([event_id], attempts + 1)
    return done


@transaction.atomic
def _claim(waiting: QuerySet[Outbox], size: int, now: datetime) -> list[int]:
    """The oldest of these rows, all tried equally often, that nobody holds; their attempt counted and committed."""
    rows = list(waiting.order_by("event_id").select_for_update(skip_locked=True)[:size])
    claimed = [row.event_id for row in rows]
    if rows:
        attempts = rows[0].attempts + 1
        Outbox.objects.filter(pk__in=claimed).update(attempts=attempts, due_at=now + wait_after(attempts))
    return claimed


def _hand_out(claimed: list[int], attempts: int) -> int:
    """All of these rows or none; answers how many. What fails here stays, and is logged."""
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
