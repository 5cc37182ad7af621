"""B6: timers that are all due at once, fired by two sweeps of the product at a time, while people go on deciding."""

import subprocess
import sys
import threading
import time
from typing import Any

from django.db import connection

from config.environment import ROOT
from tests.bench import hot, seed
from tests.bench.bed import Bed
from tests.bench.clients import Client, drive
from tests.bench.sides import Ours

SWEEPS, DECISIONS_PER_S, LONGEST_S = 2, 10, 900
SWEEP = "import django; django.setup(); from tickets.tasks import sweep; sweep()"
FIRED = """
SELECT count(*) FILTER (WHERE t.fired_at IS NOT NULL), count(*) FILTER (WHERE t.fired_at IS NULL)
FROM tickets_timer t WHERE t.visit_id BETWEEN %s AND %s
"""
# What a reminder leaves is an event of its ticket: one for each timer.
EVENTS = """
SELECT coalesce(sum(n), 0)::bigint, count(*) FILTER (WHERE n > 1) FROM (SELECT count(*) AS n FROM tickets_event
WHERE ticket_id BETWEEN %s AND %s AND kind = 'ticket.reminded' GROUP BY ticket_id) AS reminders
"""


def ask(statement: str, first: int, last: int) -> tuple[int, int]:
    """Two numbers about what lies between these ids."""
    with connection.cursor() as cursor:
        cursor.execute(statement, [first, last])
        return cursor.fetchone()


def run(bed: Bed) -> dict[str, Any]:
    """Seconds until all are fired, how many tickets were reminded twice, and the latency of decisions meanwhile."""
    seed.grow(bed, bed.sizes[-1])
    count = bed.pick(10_000, 100_000)
    first = bed.sizes[-1] + 1_000_000  # ids that nothing else has
    last = first + count - 1
    ours = Ours(bed, bed.ports.web)
    rows = hot.waiting(ours, bed.pick(100, 1500))
    seed.write(first, last, every=1, busy="late", more=[seed.TIMERS])
    command = [sys.executable, "-c", SWEEP]
    began = time.monotonic()
    sweeps = [subprocess.Popen(command, cwd=ROOT) for _ in range(SWEEPS)]
    ended: list[float] = []
    waiter = threading.Thread(target=lambda: ended.append(_end(sweeps, began)))
    waiter.start()
    meanwhile = (row for row in rows if not ended)
    decided = drive([ours.client("bob")], meanwhile, decide, per_s=DECISIONS_PER_S)
    waiter.join()
    fired, left = ask(FIRED, first * 3, last * 3)
    reminders, twice = ask(EVENTS, first, last)
    return {
        "timers": count,
        "fired": fired,
        "left": left,
        "seconds": round(ended[0], 1),
        "timers_per_s": round(fired / ended[0]),
        "reminders": reminders,
        "twice": twice,
        f"deciding at {DECISIONS_PER_S} /s": decided.figures(),
    }


def decide(client: Client, row: dict[str, Any]) -> None:
    """One approval."""
    task = row["my_tasks"][0]
    client.post(f"tasks/{task['id']}/approve", comment="", digest=task["digest"], ticket_version=row["version"])


def _end(sweeps: list["subprocess.Popen[bytes]"], began: float) -> float:
    """Seconds until all sweeps have ended; after LONGEST_S they are ended."""
    for sweep in sweeps:
        try:
            sweep.wait(max(0.1, began + LONGEST_S - time.monotonic()))
        except subprocess.TimeoutExpired:
            sweep.kill()
    return time.monotonic() - began
