"""Follows a running execution to its end; used for jobs and dry runs."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import DatabaseError, connection

from automation.executors.base import Execution, News
from automation.states import Outcome

logger = logging.getLogger("baton.automation")
POLL_S = 0.5
PULSE_S = 1.0
PATIENCE_S = 10.0

T = TypeVar("T")


def follow(
    execution: Execution, *, take: Callable[[News], None], beat: Callable[[], str], limit_s: Callable[[], float]
) -> str:
    """Watch the execution to its end. Returns why it was stopped, or "". A stop is requested only once.

    take: called with new output and results. beat: called once a second; it renews the leases of the job and the
    execution, and returns why the execution must stop, or "". If the database does not answer, nothing is renewed, so
    the run ends itself before the job can be marked as lost. limit_s: the time limit of the current run.
    """
    stopped, next_beat = "", 0.0
    while True:
        ended = execution.exit_code is not None
        take(execution.poll(POLL_S))
        if ended:
            return stopped
        why = Outcome.TIMED_OUT if time.monotonic() >= execution.began_at + limit_s() else ""
        if time.monotonic() >= next_beat:
            said = _beaten(beat)
            why = why or said
            next_beat = time.monotonic() + PULSE_S
        if why and not stopped:
            stopped = why
            execution.stop()


def _beaten(beat: Callable[[], str]) -> str:
    try:
        return beat()
    except DatabaseError as error:
        logger.warning("run.pulse_missed", extra={"error": type(error).__name__})
        connection.close()
        return ""


def insist(act: Callable[[], T]) -> T:
    """Call `act`; retry for PATIENCE_S seconds if the database fails. After that, the sweep marks the run as lost."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return act()
        except DatabaseError:
            connection.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(POLL_S)
