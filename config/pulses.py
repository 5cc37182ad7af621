"""Recording of heartbeats: which sweeps have run, which messages were refused. It never raises."""

import logging

from celery import signals
from django.conf import settings
from django.db import connection

logger = logging.getLogger("baton.pulses")

# These tasks find the work that waits in the database; their heartbeats show whether it moves. `notify.sweep` counts
# from its start, because it may wait for WeCom or mail servers that are down.
EXECUTOR = "config.executor_pulse"
FROM_BEGINNING = frozenset({"notify.sweep", EXECUTOR})
FROM_END = frozenset({"tickets.dispatch_outbox", "tickets.sweep", "automation.sweep"})

BEAT = """
INSERT INTO config_pulse (name, at, count) VALUES (%s, clock_timestamp(), 1)
ON CONFLICT (name) DO UPDATE SET at = clock_timestamp(), count = config_pulse.count + 1
"""


def at_site(site: str) -> str:
    """The name of the heartbeat of a site's executors."""
    return f"{EXECUTOR}@{site}" if site else EXECUTOR


def beat(name: str) -> None:
    """Record that this happened now. Never raises."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(BEAT, [name])
    except Exception as error:  # noqa: BLE001 (without the database nothing beats, and that is told elsewhere)
        logger.warning("pulse.missed", extra={"pulse": name, "error": type(error).__name__})


@signals.task_prerun.connect
def _begins(task: object = None, **_rest: object) -> None:
    name = getattr(task, "name", "")
    if name in FROM_BEGINNING:
        beat(at_site(settings.SITE) if name == EXECUTOR else name)


@signals.task_postrun.connect
def _ends(task: object = None, state: str = "", **_rest: object) -> None:
    name = getattr(task, "name", "")
    if name in FROM_END and state == "SUCCESS":
        beat(name)
