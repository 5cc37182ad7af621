"""From events to deliveries, inside the dispatcher's transaction: rows only, and few statements."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import User
from config.doorbell import ring
from notify.audience import Hearer, hearers
from notify.models import Card, Delivery
from tickets.events import Kind
from tickets.models import Event

RING_EACH_MAX = 20  # more than this is work for one sweep, not for that many messages

# After these a card may show buttons that no longer mean anything.
SETTLING = frozenset(
    {
        Kind.TASK_APPROVED,
        Kind.TASK_CONFIRMED,
        Kind.TASK_RETURNED,
        Kind.TASK_VETOED,
        Kind.TASK_CANCELLED,
        Kind.TASK_PASSED,
        Kind.TASK_TRANSFERRED,
        Kind.TASK_SIGN_REMOVED,
        Kind.TASK_REASSIGNED,
        Kind.TASK_ESCALATED,
        Kind.TASK_TIMED_OUT,
        Kind.TICKET_EDITED,
        Kind.TICKET_RETURNED,
        Kind.TICKET_VETOED,
        Kind.TICKET_WITHDRAWN,
        Kind.NODE_CLOSED,
    }
)

INSERT = """
INSERT INTO notify_delivery (event_id, recipient_id, kind, address, state, created_at, due_at, sent_at, attempts,
                             last_error, receipt)
SELECT event_id, recipient_id, kind, address, CASE kind WHEN 'in_app' THEN 'sent' ELSE 'queued' END, %s, %s,
       CASE kind WHEN 'in_app' THEN %s::timestamptz END, 0, '', ''
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[]) AS wanted (event_id, recipient_id, kind, address)
ON CONFLICT DO NOTHING
RETURNING id, event_id, recipient_id, kind
"""

OUTDATE = """
WITH gone AS (
    UPDATE notify_card card SET state = 'stale' FROM tickets_approvaltask task
    WHERE task.id = card.task_id AND card.state = 'live' AND task.state <> 'pending'
      AND task.ticket_id = ANY(%s::bigint[])
    RETURNING card.user_id, task.ticket_id
)
SELECT DISTINCT event_id, user_id
FROM gone JOIN unnest(%s::bigint[], %s::bigint[]) AS cause (ticket_id, event_id) USING (ticket_id)
"""


class Wanted(NamedTuple):
    """A delivery to be: to a person, or (recipient None) to the machine at an address."""

    event: int
    recipient: int | None
    kind: str
    address: str = ""


def hear(events: Sequence[Event]) -> None:
    """Write a delivery for everyone who shall know, one for every card that has gone stale, and the webhooks."""
    now = timezone.now()
    heard = hearers(events)
    wanted = [
        *_channels_of(heard),
        *(Wanted(*row, Delivery.Kind.WECOM_CARD_UPDATE) for row in outdate_cards(events)),
        *webhooks(events),
    ]
    written = write(wanted, now)
    _write_cards(heard, written)
    wake([pk for pk, _event, _user, kind in written if kind != Delivery.Kind.IN_APP])


def webhooks(events: Iterable[Event]) -> Iterable[Wanted]:
    """One delivery for each machine that a node tells."""
    requested = (event for event in events if event.kind == Kind.WEBHOOK_REQUESTED)
    return (Wanted(event.pk, None, Delivery.Kind.WEBHOOK, event.data["url"]) for event in requested)


def _channels_of(heard: Iterable[Hearer]) -> Iterable[Wanted]:
    """One for every channel on which an active person can be reached."""
    rows = User.objects.filter(pk__in={hearer.user_id for hearer in heard}, is_active=True)
    reach = {pk: (bool(email), bool(wecom)) for pk, email, wecom in rows.values_list("pk", "email", "wecom_userid")}
    for hearer in heard:
        if hearer.user_id not in reach:
            continue
        has_mail, has_wecom = reach[hearer.user_id]
        who = (hearer.event.pk, hearer.user_id)
        yield Wanted(*who, Delivery.Kind.IN_APP)
        if has_mail:
            yield Wanted(*who, Delivery.Kind.EMAIL)
        if has_wecom and settings.WECOM_ENABLED:
            yield Wanted(*who, Delivery.Kind.WECOM_CARD if hearer.task else Delivery.Kind.WECOM_TEXT)


def outdate_cards(events: Sequence[Event]) -> list[tuple[int, int]]:
    """Mark the cards whose task is settled as stale; (event, card holder) for each person to be told."""
    causes = {event.ticket_id: event.pk for event in events if event.kind in SETTLING}
    if not causes:
        return []
    tickets = list(causes)
    with connection.cursor() as cursor:
        cursor.execute(OUTDATE, [tickets, tickets, list(causes.values())])
        return cursor.fetchall()


def write(wanted: Iterable[Wanted], now: datetime) -> list[tuple[int, int, int | None, str]]:
    """Store deliveries that are not there yet; (id, event, recipient, kind) of those that are new."""
    rows = list(wanted)
    if not rows:
        return []
    columns = [list(column) for column in zip(*rows, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [now, now, now, *columns])
        return cursor.fetchall()


def _write_cards(heard: Iterable[Hearer], written: Iterable[tuple[int, int, int | None, str]]) -> None:
    tasks = {(hearer.event.pk, hearer.user_id): hearer.task for hearer in heard if hearer.task is not None}
    Card.objects.bulk_create(
        Card(delivery_id=pk, task_id=tasks[event, user], user_id=user)
        for pk, event, user, kind in written
        if kind == Delivery.Kind.WECOM_CARD and user is not None
    )


def give_cards(heard: Sequence[Hearer], now: datetime) -> None:
    """A card for each of these people who has none of that event yet."""
    written = write((Wanted(h.event.pk, h.user_id, Delivery.Kind.WECOM_CARD) for h in heard), now)
    _write_cards(heard, written)
    wake([pk for pk, *_more in written])


def wake(ids: Sequence[int]) -> None:
    """After commit, get new deliveries sent."""
    if len(ids) > RING_EACH_MAX:
        ring("notify.sweep")
        return
    for pk in ids:
        ring("notify.deliver", pk)
