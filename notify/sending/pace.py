"""Rate limit of WeCom messages to one person.

WeCom accepts at most 30 messages a minute and 1,000 an hour from one application to one member. It drops more
without an error, so we must not send more. The database keeps the times: all workers on all machines share these
rows and use the database's clock.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper

from notify.models import Delivery
from notify.ports import CHANNELS, Limit

# Text messages leave a third of the limit to cards, which are more urgent; after PATIENCE they may use all of it.
KEPT_FOR_CARDS = 3
PATIENCE = timedelta(minutes=10)
# Wait this long for more places to become free, so that fewer checks send more messages.
GATHER = timedelta(seconds=3)
# Times further in the future than this were written before the clock was set back; they are ignored (F32).
AHEAD = timedelta(seconds=5)
# WeCom counts a message from its arrival, which may be up to one call's timeout after the claim.
LATE_S = 8.0

OPEN = """
INSERT INTO notify_pace (user_id, agent_id, sent) VALUES (%(user)s, %(agent)s, '{}') ON CONFLICT DO NOTHING
"""
LOOK = """
SELECT sent, clock_timestamp() FROM notify_pace WHERE user_id = %(user)s AND agent_id = %(agent)s FOR UPDATE
"""
KEEP = """
UPDATE notify_pace SET sent = %(sent)s WHERE user_id = %(user)s AND agent_id = %(agent)s
"""
GIVE_BACK = """
UPDATE notify_pace SET sent = trim_array(sent, 1)
WHERE user_id = %(user)s AND agent_id = %(agent)s AND cardinality(sent) > 0
"""
HOLD = """
UPDATE notify_delivery SET due_at = %(until)s, held_by = 'pace'
WHERE id IN (
    SELECT id FROM notify_delivery
    WHERE recipient_id = %(user)s AND kind = %(kind)s AND state IN ('queued', 'failed') AND due_at < %(until)s
      AND (lease_until IS NULL OR lease_until <= %(now)s)
    FOR UPDATE SKIP LOCKED
)
"""


def window(seconds: float) -> timedelta:
    """How long a message counts for a limit over this number of seconds."""
    return timedelta(seconds=seconds + min(LATE_S, seconds / 8))


def free_at(
    sent: Iterable[datetime], now: datetime, limits: Iterable[tuple[int, float]], *, urgent: bool
) -> datetime | None:
    """When the next message may be sent; None means now. sent: when the earlier messages were claimed.

    limits: (messages, seconds). urgent: the message may use the places kept for cards.
    """
    until: datetime | None = None
    stamps = sorted(sent)
    for most, seconds in limits:
        room = most if urgent else max(1, most - most // KEPT_FOR_CARDS)
        counted = [stamp for stamp in stamps if now - window(seconds) < stamp <= now + AHEAD]
        if len(counted) < room:
            continue
        first = counted[len(counted) - room]
        last = max(stamp for stamp in counted if stamp <= first + GATHER)
        until = max(until or now, last + window(seconds))
    return until


def is_paced(kind: str) -> bool:
    """Whether messages of this kind count for the limit."""
    return CHANNELS[kind].limit is not Limit.NONE


def take(user_id: int, kind: str, waiting_since: datetime, now: datetime) -> bool:
    """Take a place for one message to this person. If none is free, postpone all their deliveries of this kind.

    Returns whether a place was free. Call it inside the transaction that claims the delivery, so that the place and
    the claim commit together.
    """
    key = {"user": user_id, "agent": settings.WECOM_AGENT_ID}
    with connection.cursor() as cursor:
        sent, here = _look(cursor, key)
        urgent = CHANNELS[kind].limit is Limit.URGENT or here - waiting_since > PATIENCE
        until = free_at(sent, here, settings.WECOM_PACE, urgent=urgent)
        if until is not None:
            cursor.execute(HOLD, {**key, "kind": kind, "until": now + (until - here), "now": now})
            return False
        stamps = [*remembered(sent, here, settings.WECOM_PACE), here]
        cursor.execute(KEEP, {**key, "sent": stamps})
    return True


def give_back(delivery: Delivery) -> None:
    """Free the place of a delivery that was not sent after all."""
    if is_paced(delivery.kind):
        with connection.cursor() as cursor:
            cursor.execute(GIVE_BACK, {"user": delivery.recipient_id, "agent": settings.WECOM_AGENT_ID})


def _look(cursor: CursorWrapper, key: dict[str, int]) -> tuple[list[datetime], datetime]:
    """(when messages were claimed, the database's time). Locks the row, and creates it if missing."""
    cursor.execute(LOOK, key)
    row = cursor.fetchone()
    if row is None:
        cursor.execute(OPEN, key)
        cursor.execute(LOOK, key)
        row = cursor.fetchone()
    return row


def remembered(sent: Collection[datetime], now: datetime, limits: Iterable[tuple[int, float]]) -> Sequence[datetime]:
    """The times that still count for at least one limit."""
    longest = max((window(seconds) for _most, seconds in limits), default=timedelta())
    return [stamp for stamp in sent if now - longest < stamp <= now + AHEAD]
