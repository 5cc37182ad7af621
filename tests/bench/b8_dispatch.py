"""B8: events to deliveries: the outbox drained by one dispatcher, rows only, nothing is sent."""

import time
from typing import Any

from django.db import connection

from notify.models import Delivery
from tests.bench.bed import Bed
from tests.bench.seed import grow
from tickets.background.dispatch import dispatch

EVENTS = 10_000
WAIT = """
INSERT INTO tickets_outbox (event_id, attempts)
SELECT id, 0 FROM tickets_event WHERE ticket_id <= %s ORDER BY ticket_id DESC LIMIT %s
"""


def run(bed: Bed) -> dict[str, Any]:
    """Events per second, for seeded tickets; two of five make deliveries. Other waiting events are dispatched first."""
    grow(bed, bed.pick(10_000, 1_000_000))
    dispatch()
    before = Delivery.objects.count()
    with connection.cursor() as cursor:
        cursor.execute(WAIT, [bed.state["seeded"], EVENTS])
    began = time.perf_counter()
    handed = dispatch()
    seconds = time.perf_counter() - began
    written = Delivery.objects.count() - before
    return {
        "events": handed,
        "events_per_s": round(handed / seconds),
        "deliveries": written,
        "deliveries_per_s": round(written / seconds),
    }
