"""A limit on processor time that holds on a slow or busy machine as well.

A test of a limit asks "does the work explode?", not "how fast is this machine?". Processor time grows when other
processes share a core, so a fixed loop is timed before and after the work, and the limit grows by as much as that loop
is slower than on the reference machine.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

LOOP = 100_000
LOOP_S = 0.017  # seconds of processor time the loop takes on the reference machine


def slowness() -> float:
    """How many times slower this machine is now than the reference machine; at least 1."""
    began = time.process_time()
    sums: dict[int, int] = {}
    for number in range(LOOP):
        sums[number % 1000] = sums.get(number % 1000, 0) + number
    return max(1.0, (time.process_time() - began) / LOOP_S)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Fail when the body takes more than `seconds` of this process's time, measured on the reference machine."""
    before = slowness()
    began = time.process_time()
    try:
        yield
    finally:
        spent = time.process_time() - began
        limit = seconds * max(before, slowness())
        assert spent < limit, f"{spent:.2f} s of processor time, {limit:.2f} s are allowed"
