"""Waking a worker early. The row is the truth, so a lost ring costs seconds, never work (I18, F16, F17)."""

import logging
import time
from typing import Any

from celery import current_app
from django.db import transaction

logger = logging.getLogger("baton.doorbell")
QUIET_S = 10.0
_quiet_until = 0.0


def ring(task: str, *ids: Any) -> None:
    """After commit, ask a worker to run this task with these row ids. Never raises.

    After a failure nobody tries again for QUIET_S seconds, so a dead broker does not slow every request down.
    """
    transaction.on_commit(lambda: _send(task, ids))


def _send(task: str, ids: tuple[Any, ...]) -> None:
    global _quiet_until  # noqa: PLW0603 (one bell per process)
    if time.monotonic() < _quiet_until:
        return
    try:
        current_app.send_task(task, args=ids, retry=False)
    except Exception as error:  # noqa: BLE001 (whatever the broker's trouble is, the sweep will see to it)
        _quiet_until = time.monotonic() + QUIET_S
        logger.warning("doorbell.silent", extra={"task": task, "error": type(error).__name__})
