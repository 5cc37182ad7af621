"""Handing committed events to the subscribers: the outbox's other end (I18, I19).

One transaction takes a batch of outbox rows, lets every subscriber write its rows and deletes the batch: all of
it happens, or none. An attempt is counted before it is made, so a batch that fails, or kills its worker, is known
afterwards: its rows are then tried one by one, and set aside after MAX_ATTEMPTS. One bad row never stops the rest
(F37).
"""

import logging

from django.db import transaction
from django.db.models import F, QuerySet

from tickets.models import Event, Outbox
from tickets.ports import subscribers

logger = logging.getLogger("baton.dispatch")
BATCH = 200
MAX_ATTEMPTS = 5


def dispatch() -> int:
    """Hand out everything that waits; answers how many events. Any number of callers may run at once (F9)."""
    total = 0
    while claimed := _claim(Outbox.objects.filter(attempts=0), BATCH):
        total += _hand_out(claimed)
    return total + _stragglers()


def _stragglers() -> int:
    """Each row that was tried in vain before, alone."""
    tried = Outbox.objects.filter(attempts__gt=0, attempts__lt=MAX_ATTEMPTS).order_by("event_id")
    done = 0
    for event_id in list(tried.values_list("event_id", flat=True)[:BATCH]):
        if _claim(tried.filter(pk=event_id), 1):
            done += _hand_out([event_id])
    return done


@transaction.atomic
def _claim(waiting: QuerySet[Outbox], size: int) -> list[int]:
    """The oldest of these rows that nobody else holds, their attempt counted and committed."""
    rows = waiting.order_by("event_id").select_for_update(skip_locked=True)
    claimed = list(rows.values_list("event_id", flat=True)[:size])
    Outbox.objects.filter(pk__in=claimed).update(attempts=F("attempts") + 1)
    return claimed


def _hand_out(claimed: list[int]) -> int:
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
        alone = len(claimed) == 1
        what = "dispatch.event_failed" if alone else "dispatch.batch_failed"
        logger.exception(what, extra={"event": claimed[0], "events": len(claimed)})
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
