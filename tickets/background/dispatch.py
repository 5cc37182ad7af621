"""Dispatch the outbox: hand committed events to the subscribers (I18, I19).

One transaction takes a batch of outbox rows, lets every subscriber write its rows, and deletes the batch: all or
nothing. Attempts are counted before they are made, so a batch that fails, or kills its worker, is known afterwards.
Its rows are then retried one by one, with growing waits. One bad row never blocks the rest (F37). Rows are never
given up: after STUCK_AFTER attempts they are logged as stuck; waits grow to an hour at most.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from common.prepared import prepared
from tickets.models import Event, Outbox, Ticket
from tickets.ports import subscribers

logger = logging.getLogger("baton.dispatch")
BATCH = 200
STUCK_AFTER = 5
SLOWEST = timedelta(hours=1)
CLAIM = """
UPDATE tickets_outbox SET attempts = attempts + 1, due_at = %(again)s WHERE event_id = ANY(ARRAY(
    SELECT event_id FROM tickets_outbox WHERE {which} ORDER BY event_id LIMIT %(size)s FOR UPDATE SKIP LOCKED
)) RETURNING event_id
"""
NEW = CLAIM.format(which="attempts = 0")
ONE = CLAIM.format(which="event_id = %(event)s AND attempts = %(attempts)s AND due_at <= %(now)s")
TAKE_OUT = """
DELETE FROM tickets_outbox WHERE event_id = ANY(ARRAY(
    SELECT event_id FROM tickets_outbox WHERE event_id = ANY(%(claimed)s) FOR UPDATE SKIP LOCKED
)) RETURNING event_id
"""
# What subscribers read of a ticket. Whoever needs more asks for it, for all events at once.
ABOUT = ("number", "state", "applicant", "template_version", "content", "parent_visit")


def wait_after(attempts: int) -> timedelta:
    """How long a row waits after so many attempts: none, 5 s, 20 s, 80 s, … up to an hour."""
    if attempts < 2:
        return timedelta()
    return min(SLOWEST, timedelta(seconds=5 * 4 ** min(attempts - 2, 8)))


def dispatch(at: datetime | None = None) -> int:
    """Hand out all waiting events; returns how many. Any number of callers may run at once (F09)."""
    now = at or timezone.now()
    total = 0
    while claimed := _claim(NEW, again=now + wait_after(1), size=BATCH):
        total += _hand_out(claimed, 1)
    return total + _stragglers(now)


def _stragglers(now: datetime) -> int:
    """Retry each failed row alone; those with the fewest attempts first, so that one that kills workers comes last."""
    ahead = Outbox.objects.filter(attempts__gt=0, due_at__gt=now + SLOWEST)
    ahead.update(due_at=now)  # postponed by a clock that was set back since (F32)
    tried = Outbox.objects.filter(attempts__gt=0, due_at__lte=now).order_by("attempts", "event_id")
    done = 0
    for event_id, attempts in list(tried.values_list("event_id", "attempts")[:BATCH]):
        again = now + wait_after(attempts + 1)
        claimed = _claim(ONE, again=again, size=1, event=event_id, attempts=attempts, now=now)
        done += _hand_out(claimed, attempts + 1) if claimed else 0
    return done


def _claim(statement: str, **values: Any) -> list[int]:
    """Count and commit one attempt for rows that nobody has locked; returns their events, oldest first."""
    with prepared() as cursor:
        cursor.execute(statement, values)
        return sorted(row[0] for row in cursor.fetchall())


def _hand_out(claimed: list[int], attempts: int) -> int:
    """Hand out all of these rows or none; returns how many. Failed rows stay, and the failure is logged."""
    try:
        with transaction.atomic():
            with prepared() as cursor:
                cursor.execute(TAKE_OUT, {"claimed": claimed})
                event_ids = [row[0] for row in cursor.fetchall()]
            if event_ids:
                _tell(event_ids)
            return len(event_ids)
    except Exception:
        what = "event_stuck" if attempts >= STUCK_AFTER else "event_failed" if len(claimed) == 1 else "batch_failed"
        logger.exception("dispatch.%s", what, extra={"event": claimed[0], "events": len(claimed)})
        return 0


def _tell(event_ids: list[int]) -> None:
    """Tell every subscriber. Events come with their tickets, each one object, of which ABOUT is read."""
    events = list(Event.objects.filter(pk__in=event_ids).order_by("id"))
    tickets = Ticket.objects.only(*ABOUT).in_bulk({event.ticket_id for event in events})
    for event in events:
        event.ticket = tickets[event.ticket_id]
    for subscriber in subscribers():
        subscriber(events)
