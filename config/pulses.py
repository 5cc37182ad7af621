"""Writing signs of life: which sweeps have run, which messages were refused. Never in anybody's way."""

import logging

from celery import signals
from django.db import connection

logger = logging.getLogger("baton.pulses")

# What waits in the database is found by these; their beating is what tells work under way from work that stands
# still. `notify.sweep` counts from its beginning, because it waits for others: WeCom and mail servers that are down.
FROM_BEGINNING = frozenset({"notify.sweep", "config.executor_pulse"})
FROM_END = frozenset({"tickets.dispatch_outbox", "tickets.sweep", "automation.sweep"})

BEAT = """
INSERT INTO config_pulse (name, at, count) VALUES (%s, clock_timestamp(), 1)
ON CONFLICT (name) DO UPDATE SET at = clock_timestamp(), count = config_pulse.count + 1
"""


def beat(name: str) -> None:
    """It happened, now. Never raises."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(BEAT, [name])
    except Exception as error:  # noqa: BLE001 (without the database nothing beats, and that is told elsewhere)
        logger.warning("pulse.missed", extra={"pulse": name, "error": type(error).__name__})


@signals.task_prerun.connect
def _begins(task: object = None, **_rest: object) -> None:
    name = getattr(task, "name", "")
    if name in FROM_BEGINNING:
        beat(name)


@signals.task_postrun.connect
def _ends(task: object = None, state: str = "", **_rest: object) -> None:
    name = getattr(task, "name", "")
    if name in FROM_END and state == "SUCCESS":
        beat(name)
