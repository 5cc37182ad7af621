"""The clock sends the periodic tasks. It runs in every worker of the common queue, or as `celery beat` (I18, F08, F32).

Any number of clocks may run: the database keeps when each task was last sent, and the clock that writes this sends the
task. All times are the database's; a process measures only how long it waits. Nothing is kept on disk.
"""

import logging
import threading
from collections.abc import Mapping
from typing import Any

from celery import bootsteps
from celery.beat import Scheduler
from django.conf import settings
from django.db import connection

logger = logging.getLogger("baton.clock")
LOOK_S = 5.0  # the shortest interval
CLOCK = "clock:"

# A task is due half a second early, because clocks look every five seconds, and not to the millisecond. If the
# database's time was set back, the last time lies in the future, and counts as never.
TAKE = """
WITH asked AS (
    SELECT %s || name AS name, make_interval(secs => seconds - 0.5) AS every, clock_timestamp() AS now
    FROM unnest(%s::text[], %s::float8[]) AS entry (name, seconds)
), due AS (
    SELECT asked.* FROM asked LEFT JOIN config_pulse AS sent USING (name)
    WHERE sent.at IS NULL OR sent.at <= asked.now - every OR sent.at > asked.now + interval '5 s'
)
INSERT INTO config_pulse AS sent (name, at, count) SELECT name, now, 1 FROM due ORDER BY name
ON CONFLICT (name) DO UPDATE SET at = excluded.at, count = sent.count + 1
WHERE sent.at <= excluded.at - (SELECT every FROM due WHERE due.name = sent.name)
    OR sent.at > excluded.at + interval '5 s'
RETURNING name
"""


def take(entries: Mapping[str, Any]) -> set[str]:
    """Of these entries of the schedule, those that are due; no other clock gets them in this interval.

    Raises DatabaseError.
    """
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [CLOCK, list(entries), [float(entry["schedule"]) for entry in entries.values()]])
        return {name.removeprefix(CLOCK) for (name,) in cursor.fetchall()}


def give_back(names: list[str]) -> None:
    """Let these be due again, because they could not be sent. Raises DatabaseError."""
    if names:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM config_pulse WHERE name = ANY(%s)", [[CLOCK + name for name in names]])


def tick(scheduler: Scheduler) -> None:
    """Send what is due. Never raises: without database or broker, the next look tries again."""
    try:
        left = sorted(take(settings.CELERY_BEAT_SCHEDULE))
        try:
            while left:
                scheduler.apply_async(scheduler.schedule[left[0]], advance=False)
                left.pop(0)
        finally:
            give_back(left)
    except Exception as error:  # noqa: BLE001 (each broker has exceptions of its own)
        logger.warning("clock.stands", extra={"error": type(error).__name__})
    finally:
        connection.close()  # back to the pool


class SteadyScheduler(Scheduler):
    """Celery's scheduler for `celery beat` and for `Clock`: the schedule is that of the settings."""

    def setup_schedule(self) -> None:
        """Load the schedule from the settings."""
        self.merge_inplace(self.app.conf.beat_schedule)

    def tick(self, *_args: Any, **_options: Any) -> float:
        """Send the tasks that are due; return the seconds until the next look."""
        tick(self)
        return LOOK_S


class Clock(bootsteps.StartStopStep):
    """The clock as a part of a worker: a thread, which ends with the process."""

    requires = ("celery.worker.components:Pool",)

    def include_if(self, worker: Any) -> bool:
        """Workers of the common queue have one; an executor, which is alone with the hosts, has none."""
        return settings.CELERY_TASK_DEFAULT_QUEUE in worker.app.amqp.queues.consume_from

    def start(self, worker: Any) -> None:
        """Look at once, and then every few seconds."""
        self.stopped = threading.Event()
        scheduler = SteadyScheduler(worker.app)
        threading.Thread(target=self._run, args=(scheduler,), name="clock", daemon=True).start()

    def stop(self, worker: Any) -> None:  # noqa: ARG002 (Celery's signature)
        """Send nothing more."""
        self.stopped.set()

    def _run(self, scheduler: SteadyScheduler) -> None:
        while not self.stopped.is_set():
            self.stopped.wait(scheduler.tick())
