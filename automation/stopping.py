"""A regular stop of the executor (SIGTERM): nothing new begins, and the process waits for what it runs.

What waits is left to other executors, or to the next start. The wait comes before Python's own end, because from then
on a run could start no more threads for its next batch or stage.
"""

import logging
import threading
from collections.abc import Callable
from typing import Any
from weakref import WeakSet

from celery.signals import worker_shutdown, worker_shutting_down

logger = logging.getLogger("baton.automation")

_asked = threading.Event()
_working: "WeakSet[threading.Thread]" = WeakSet()


def is_asked() -> bool:
    """Whether this process was asked to stop."""
    return _asked.is_set()


def begin(work: Callable[[int], None], row_id: int, name: str) -> None:
    """Do this in a thread of its own, which a regular stop waits for."""
    thread = threading.Thread(target=work, args=(row_id,), name=f"{name}-{row_id}")
    _working.add(thread)
    thread.start()


@worker_shutting_down.connect
def _take_nothing_new(**_rest: Any) -> None:
    _asked.set()


@worker_shutdown.connect
def _wait(**_rest: Any) -> None:
    running = [thread for thread in _working if thread.is_alive()]
    if running:
        logger.info("executor.waits", extra={"runs": ",".join(thread.name for thread in running)})
    for thread in running:
        thread.join()
