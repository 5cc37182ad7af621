"""Wakes a worker early. The database row decides, so a lost message delays work but never loses it (I18, F16, F17).

What is rung within a moment is sent once, by a thread of its own: a request does not wait for the broker, and a
hundred decisions in a second ask for at most fifty rounds of the dispatcher.
"""

import atexit
import logging
import os
import threading
import time
from typing import Any

from celery import current_app
from django.db import transaction

logger = logging.getLogger("baton.doorbell")
QUIET_S = 10.0
MOMENT_S = 0.02
Bell = tuple[str, tuple[Any, ...], str]  # task, ids, queue ("" for the common one)
_quiet_until = 0.0


def ring(task: str, *ids: Any) -> None:
    """After commit, ask a worker to run this task with these row ids. Never raises.

    After a failure nothing is sent for QUIET_S seconds, so that a dead broker does not slow down every request.
    """
    transaction.on_commit(lambda: _waiting.add((task, ids, "")))


def ring_at(queue: str, task: str, *ids: Any) -> None:
    """Like `ring`, for the workers of this queue; the message expires after ten minutes."""
    transaction.on_commit(lambda: _waiting.add((task, ids, queue)))


def send_now() -> None:
    """Send what has been rung and not been sent yet; returns when everything rung before is sent."""
    _waiting.send()


class _Waiting:
    """The bells to send, each once, in order; starts the thread that sends them when the first one comes."""

    def __init__(self) -> None:
        self._lock, self._sending = threading.Lock(), threading.Lock()
        self._bells: dict[Bell, None] = {}
        self._something = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, bell: Bell) -> None:
        with self._lock:
            self._bells[bell] = None
            if self._thread is None:
                self._thread = threading.Thread(target=self._send_for_ever, name="doorbell", daemon=True)
                self._thread.start()
        self._something.set()

    def send(self) -> None:
        with self._sending:
            with self._lock:
                taken, self._bells = list(self._bells), {}
            for task, ids, queue in taken:
                _send(task, ids, **({"queue": queue, "expires": 600} if queue else {}))

    def _send_for_ever(self) -> None:
        while True:
            self._something.wait()
            self._something.clear()
            time.sleep(MOMENT_S)
            self.send()


def _send(task: str, ids: tuple[Any, ...], **where: Any) -> None:
    global _quiet_until  # noqa: PLW0603 (one bell per process)
    if time.monotonic() < _quiet_until:
        return
    try:
        current_app.send_task(task, args=ids, retry=False, **where)
    except Exception as error:  # noqa: BLE001 (whatever the broker's trouble is, the sweep will see to it)
        _quiet_until = time.monotonic() + QUIET_S
        logger.warning("doorbell.silent", extra={"task": task, "error": type(error).__name__})


def _start_anew() -> None:
    """A forked process has none of its parent's threads, and its bells are the parent's to send."""
    global _waiting  # noqa: PLW0603
    _waiting = _Waiting()


_waiting = _Waiting()
os.register_at_fork(after_in_child=_start_anew)
atexit.register(send_now)
