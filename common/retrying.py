"""Retries transactions that failed by a deadlock or a serialization failure (F12)."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, connection

LOST = frozenset({"40001", "40P01"})  # serialization_failure, deadlock_detected
ATTEMPTS = 4
T = TypeVar("T")


def retried(act: Callable[[], T]) -> T:
    """Call `act`, which runs one or more whole transactions, and return its result; ATTEMPTS attempts at most.

    Inside an open transaction there is no retry, because that whole transaction has failed. Raises what `act` raises.
    """
    for attempt in range(1, ATTEMPTS):
        try:
            return act()
        except OperationalError as error:
            if connection.in_atomic_block or getattr(error.__cause__, "sqlstate", None) not in LOST:
                raise
            time.sleep(random.uniform(0.01, 0.05) * attempt)  # noqa: S311 (so that the two do not meet again)
    return act()
