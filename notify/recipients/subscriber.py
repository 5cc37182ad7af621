"""From events to deliveries, inside the dispatcher's transaction: it only writes rows, in few statements."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone

from accounts.models import User
from common.doorbell import ring
from common.prepared import prepared
from notify.models.card import CARD, CORRECTION, new_key
from notify.models.delivery import IN_APP, WEBHOOK
from notify.ports import kinds_for, open_channels
from notify.recipients.by_event import Recipient, recipients
from tickets.models import Event
from tickets.trail.events import Kind

RING_EACH_MAX = 20  # for more deliveries than this, start one sweep instead of one task each

# After these events a card may show buttons that no longer work.
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
SELECT event_id, recipient_id, kind, address, CASE kind WHEN 'in_app' THEN 'sent' ELSE 'queued' END,
       %s::timestamptz, %s::timestamptz,
       CASE kind WHEN 'in_app' THEN %s::timestamptz END, 0, '', ''
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[]) AS wanted (event_id, recipient_id, kind, address)
ON CONFLICT DO NOTHING
RETURNING id, event_id, recipient_id, kind
"""

CARDS = """
INSERT INTO notify_card (delivery_id, task_id, user_id, key, state, verbs, digest, msgid, refusal)
SELECT delivery_id, task_id, user_id, key, 'live', '{}', '', '', ''
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[]) AS wanted (delivery_id, task_id, user_id, key)
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

# The content to sign has changed: earlier cards decide nothing any more, and their holders get new ones.
RENEW = """
WITH gone AS (
    UPDATE notify_card card SET state = 'stale', refusal = 'foreseen' FROM tickets_approvaltask task
    WHERE task.id = card.task_id AND card.state = 'live' AND task.state = 'pending'
      AND task.ticket_id = ANY(%s::bigint[])
    RETURNING card.user_id, task.ticket_id
)
SELECT DISTINCT event_id, user_id
FROM gone JOIN unnest(%s::bigint[], %s::bigint[]) AS cause (ticket_id, event_id) USING (ticket_id)
"""


class Wanted(NamedTuple):
    """A delivery to write: to a person, or to the machine at an address (recipient None)."""

    event: int
    recipient: int | None
    kind: str
    address: str = ""


def on_events(events: Sequence[Event]) -> None:
    """Write deliveries for the recipients of these events, for the correction of stale cards, and for webhooks."""
    now = timezone.now()
    people = recipients(events)
    wanted = [
        *_channels_of(people),
        *(Wanted(*row, CORRECTION) for row in outdate_cards(events)),
        *webhooks(events),
    ]
    written = write(wanted, now)
    _write_cards(people, written)
    wake([pk for pk, _event, _user, kind in written if kind != IN_APP])


def webhooks(events: Iterable[Event]) -> Iterable[Wanted]:
    """One delivery for each requested webhook."""
    kind = Kind.WEBHOOK_REQUESTED
    requested = (event for event in events if event.kind == kind)
    return (Wanted(event.pk, None, WEBHOOK, kind.of(event)["url"]) for event in requested)


def _channels_of(people: Iterable[Recipient]) -> Iterable[Wanted]:
    """One delivery for each channel on which an active person can be reached."""
    channels = open_channels()
    rows = User.objects.filter(pk__in={person.user_id for person in people}, is_active=True)
    reach = {row["pk"]: row for row in rows.values("pk", *{channel.address for channel in channels})}
    for person in people:
        if person.user_id not in reach:
            continue
        address_of = reach[person.user_id].__getitem__
        for kind in kinds_for(channels, address_of, has_task=person.task is not None):
            yield Wanted(person.event.pk, person.user_id, kind)


def outdate_cards(events: Sequence[Event]) -> list[tuple[int, int]]:
    """Mark cards as stale whose task is settled or whose plan has a new dry run; return (event, card holder) for each
    correction to send."""
    settled = {event.ticket_id: event.pk for event in events if event.kind in SETTLING}
    renewed = {e.ticket_id: e.pk for e in events if e.kind == Kind.PLAN_FORESEEN and "content" in e.data}
    return [*_outdate(OUTDATE, settled), *_outdate(RENEW, renewed)]


def _outdate(statement: str, causes: dict[int, int]) -> list[tuple[int, int]]:
    """Run the statement and return its (event, card holder) rows. causes: ticket → event."""
    if not causes:
        return []
    tickets = list(causes)
    with prepared() as cursor:
        cursor.execute(statement, [tickets, tickets, list(causes.values())])
        return cursor.fetchall()


def write(wanted: Iterable[Wanted], now: datetime) -> list[tuple[int, int, int | None, str]]:
    """Insert the deliveries that do not exist yet; return (id, event, recipient, kind) of the new ones."""
    rows = list(wanted)
    if not rows:
        return []
    columns = [list(column) for column in zip(*rows, strict=True)]
    with prepared() as cursor:
        cursor.execute(INSERT, [now, now, now, *columns])
        return cursor.fetchall()


def _write_cards(people: Iterable[Recipient], written: Iterable[tuple[int, int, int | None, str]]) -> None:
    tasks = {(person.event.pk, person.user_id): person.task for person in people if person.task is not None}
    rows = [
        (pk, tasks[event, user], user, new_key())
        for pk, event, user, kind in written
        if kind == CARD and user is not None
    ]
    if rows:
        with prepared() as cursor:
            cursor.execute(CARDS, [list(column) for column in zip(*rows, strict=True)])


def give_cards(people: Sequence[Recipient], now: datetime) -> None:
    """Send a card to each of these people who has none for that event yet."""
    written = write((Wanted(h.event.pk, h.user_id, CARD) for h in people), now)
    _write_cards(people, written)
    wake([pk for pk, *_more in written])


def wake(ids: Sequence[int]) -> None:
    """After commit, start the sending of these deliveries."""
    if len(ids) > RING_EACH_MAX:
        ring("notify.sweep")
        return
    for pk in ids:
        ring("notify.deliver", pk)
