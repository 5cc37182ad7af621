"""Transactions that the database gave up for another one's sake are done again (F12)."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, connection

LOST = frozenset({"40001", "40P01"})  # serialization_failure, deadlock_detected
ATTEMPTS = 4
T = TypeVar("T")


def retried(act: Callable[[], T]) -> T:
    """The answer of `act`, which is a whole transaction, or several; tried a few times where it lost a deadlock.

    Inside somebody else's transaction it is tried once: what was lost there is all of that. Raises what `act` raises.
    """
    for attempt in range(1, ATTEMPTS):
        try:
            return act()
        except OperationalError as error:
            if connection.in_atomic_block or getattr(error.__cause__, "sqlstate", None) not in LOST:
                raise
            time.sleep(random.uniform(0.01, 0.05) * attempt)  # noqa: S311 (so that the two do not meet again)
    return act()
