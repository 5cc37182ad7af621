"""Checkpoints: a chain over all tickets; each link holds the ends of trails with new events (A32).

A ticket's own chain proves that its events were not changed, but not that its end is complete or that the ticket
still exists: the chain's end is stored next to it. Here the ends of all tickets are chained together, once a minute,
outside any decision; the end of this chain is exported (tickets.audit.anchors).
"""

from collections.abc import Callable, Iterator
from datetime import UTC
from typing import Any

import orjson
from django.db import connection, transaction

from accounts.models import AdminEvent
from common.chain import is_linked, link_hash
from tickets.audit.verify import Break
from tickets.models import Checkpoint

LOCK = 0x4261746F6E02
PAGE = 20_000  # most events in one link
FLIGHT_S = 300  # no transaction stays open longer, so all events older than that have been seen

# The chain ends of tickets with new events, taken from the events and not from the tickets' rows. A transaction may
# commit an event with an id lower than one already seen, so events are read again for FLIGHT_S; ends that are already
# recorded are not repeated.
HEADS = """
WITH news AS (
    SELECT DISTINCT ON (e.ticket_id) e.ticket_id, e.seq, e.hash FROM tickets_event e
    WHERE e.id > %(settled)s AND e.id <= %(last)s ORDER BY e.ticket_id, e.seq DESC
), said AS (
    SELECT h ->> 0 AS number, max((h ->> 1)::int) AS seq
    FROM tickets_checkpoint c, jsonb_array_elements(c.heads) h WHERE c.last_event > %(settled)s GROUP BY 1
)
SELECT COALESCE(jsonb_agg(jsonb_build_array(t.number, news.seq, news.hash) ORDER BY t.number), '[]')::text
FROM news JOIN tickets_ticket t ON t.id = news.ticket_id LEFT JOIN said ON said.number = t.number
WHERE said.seq IS NULL OR said.seq < news.seq
"""
LAST = "SELECT max(id) FROM (SELECT id FROM tickets_event WHERE id > %s ORDER BY id LIMIT %s) AS page"
SETTLED = "SELECT max(last_event) FROM tickets_checkpoint WHERE at < clock_timestamp() - make_interval(secs => %s)"
# Entries of a link that the trail contradicts: a missing ticket, or a missing or different event.
LOST = """
SELECT h ->> 0, (h ->> 1)::int, t.id IS NULL, (SELECT count(*) FROM tickets_event x WHERE x.ticket_id = t.id)
FROM tickets_checkpoint c CROSS JOIN jsonb_array_elements(c.heads) h
LEFT JOIN tickets_ticket t ON t.number = h ->> 0
LEFT JOIN tickets_event e ON e.ticket_id = t.id AND e.seq = (h ->> 1)::int
WHERE c.id = %s AND e.hash IS DISTINCT FROM h ->> 2 ORDER BY 1
"""


def administration() -> tuple[int, str]:
    """The end of the administration trail: (number of events, last hash)."""
    last = AdminEvent.objects.order_by("-seq").first()
    return (last.seq, last.hash) if last else (0, "")


ENDS: dict[str, Callable[[], tuple[int, str]]] = {"administration": administration}


def add() -> Checkpoint | None:
    """Add links for all new events. Returns the newest link, None if there is none yet."""
    while _add_one():
        pass
    return Checkpoint.objects.order_by("-number").first()


@transaction.atomic
def _add_one() -> bool:
    """Add one link of at most PAGE events, if there are new ones. Returns whether more are waiting."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s), clock_timestamp()", [LOCK])
        now = cursor.fetchone()[1]
        newest = Checkpoint.objects.order_by("-number").defer("heads").first()
        done, settled = (newest.last_event, newest.settled) if newest else (0, 0)
        cursor.execute(LAST, [done, PAGE + 1])
        last = cursor.fetchone()[0] or done
        is_more = _count_between(cursor, done, last) > PAGE
        cursor.execute(SETTLED, [FLIGHT_S])
        settled = max(settled, cursor.fetchone()[0] or 0, done if is_more else 0)
        cursor.execute(HEADS, {"settled": settled, "last": last})
        heads = orjson.loads(cursor.fetchone()[0])
    ends = {name: list(end()) for name, end in ENDS.items()}
    if heads or is_more or ends != (newest.ends if newest else {name: [0, ""] for name in ENDS}):
        link = Checkpoint(
            number=newest.number + 1 if newest else 1, at=now, heads=heads, ends=ends, settled=settled, last_event=last
        )
        link.hash = link_hash(body_of(link), newest.hash if newest else "")
        link.save(force_insert=True)
    return is_more


def _count_between(cursor: Any, after: int, last: int) -> int:
    cursor.execute("SELECT count(*) FROM tickets_event WHERE id > %s AND id <= %s", [after, last])
    return int(cursor.fetchone()[0])


def body_of(link: Checkpoint) -> dict[str, Any]:
    """What a link's hash covers, besides the previous hash."""
    return {
        "checkpoint": link.number,
        "at": link.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "heads": link.heads,
        "ends": link.ends,
        "settled": link.settled,
        "last_event": link.last_event,
    }


def breaks() -> Iterator[Break]:
    """Report breaks in this chain, and each ticket whose trail contradicts it, once."""
    previous, expected, named = "", 1, set()
    for link in Checkpoint.objects.order_by("number").iterator(chunk_size=10):
        if link.number != expected or not is_linked(body_of(link), previous, link.hash):
            what = "is gone" if link.number != expected else "was changed or inserted"
            yield Break("checkpoints", 0, "broken_checkpoints", f"checkpoint {expected} {what}")
            return
        for found in _lost(link):
            if found.number not in named:
                named.add(found.number)
                yield found
        previous, expected = link.hash, expected + 1


def _lost(link: Checkpoint) -> Iterator[Break]:
    when = f"checkpoint {link.number} of {link.at.astimezone(UTC):%Y-%m-%d %H:%M}Z"
    with connection.cursor() as cursor:
        cursor.execute(LOST, [link.pk])
        rows = cursor.fetchall()
    for number, seq, is_gone, count in rows:
        if is_gone:
            yield Break(number, 0, "lost_ticket", f"{when} knew it with {seq} events; there is no such ticket")
        elif count < seq:
            yield Break(number, count, "cut_trail", f"{when} knew {seq} events; the trail has {count}")
        else:
            yield Break(number, seq, "cut_trail", f"{when} knew another event {seq}")
    for name, (length, hash_) in link.ends.items():
        if length and not _has_link(name, length, hash_):
            yield Break(
                name, length, "cut_trail", f"{when} knew {length} acts; the last of them is gone or another one"
            )


def _has_link(name: str, length: int, hash_: str) -> bool:
    return name != "administration" or AdminEvent.objects.filter(seq=length, hash=hash_).exists()
