"""Handing committed events to the subscribers: the outbox's other end (I18, I19).

One transaction takes a batch of outbox rows, lets every subscriber write its rows and deletes the batch: all of
it happens, or none. A row on which a subscriber fails is tried alone and after MAX_ATTEMPTS set aside, so that
one bad row never stops the rest (F37).
"""

import logging
from collections.abc import Sequence

from django.db import transaction
from django.db.models import F

from tickets.models import Event, Outbox
from tickets.ports import subscribers

logger = logging.getLogger("baton.dispatch")
BATCH = 200
MAX_ATTEMPTS = 5


def dispatch() -> int:
    """Hand out everything that waits; answers how many events. Any number of callers may run at once (F9)."""
    total = 0
    while handed := _batch():
        total += handed
    return total


def _batch() -> int:
    """One batch; 0 where nothing waits."""
    try:
        return _hand_out(BATCH)
    except Exception:
        logger.exception("dispatch.batch_failed")
        return _one_by_one()


@transaction.atomic
def _hand_out(size: int) -> int:
    rows = _take(size)
    if rows:
        _tell([row.event_id for row in rows])
        Outbox.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def _take(size: int) -> Sequence[Outbox]:
    waiting = Outbox.objects.filter(attempts__lt=MAX_ATTEMPTS).order_by("event_id")
    return list(waiting.select_for_update(skip_locked=True)[:size])


def _tell(event_ids: list[int]) -> None:
    events = list(
        Event.objects.filter(pk__in=event_ids)
        .select_related("ticket__applicant", "ticket__template_version__template", "actor")
        .defer(*(f"ticket__template_version__{column}" for column in ("source", "document", "program")))
        .order_by("id")
    )
    for subscriber in subscribers():
        subscriber(events)


def _one_by_one() -> int:
    """Every row of the failed batch alone; the attempt is counted before the try. Answers how many went out."""
    done = 0
    waiting = Outbox.objects.filter(attempts__lt=MAX_ATTEMPTS).order_by("event_id")
    for event_id in list(waiting.values_list("event_id", flat=True)[:BATCH]):
        Outbox.objects.filter(pk=event_id).update(attempts=F("attempts") + 1)
        try:
            with transaction.atomic():
                if Outbox.objects.select_for_update(skip_locked=True).filter(pk=event_id).exists():
                    _tell([event_id])
                    Outbox.objects.filter(pk=event_id).delete()
                    done += 1
        except Exception:
            logger.exception("dispatch.event_failed", extra={"event": event_id})
    return done
