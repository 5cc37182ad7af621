"""MEM: memory of all that `make run` starts, idle after the demonstration data are loaded."""

import time
from collections import defaultdict
from typing import Any

import psutil

from tests.bench.bed import Bed
from tests.bench.start import LONGEST_S as LONGEST_START_S
from tests.bench.start import started
from tests.house import wait_for

SETTLED, APART_S, LONGEST_S = 0.01, 5.0, 90.0
# The first word found in a command line names the part.
PARTS = {
    "sandbox.wecom": "WeCom sandbox", "sandbox.mailbox": "mailbox", "postgres": "PostgreSQL", "valkey": "broker",
    "granian": "web", "automation": "executor", "celery": "worker and clock", "fork_server": "fork server",
    "devtools.run": "supervisor",
}  # fmt: skip


def shares_mb(top: psutil.Process) -> dict[str, float]:
    """Proportional set size by part, in MB: pages that processes share are counted once altogether."""
    found: dict[str, float] = defaultdict(float)
    for process in (top, *top.children(recursive=True)):
        try:
            command = " ".join(process.cmdline())
            part = next((name for word, name in PARTS.items() if word in command), "other")
            found[part] += process.memory_full_info().pss / 1e6
        except psutil.NoSuchProcess:
            continue
    return found


def run(bed: Bed) -> dict[str, Any]:
    """Megabytes of each part, once they have settled, and of all but the WeCom sandbox."""
    house = started(bed)
    house.begin()
    try:
        wait_for(house.is_up, "the welcome", LONGEST_START_S)
        assert house.process is not None
        top, until = psutil.Process(house.process.pid), time.monotonic() + LONGEST_S
        before, found = 0.0, shares_mb(top)
        while abs(sum(found.values()) - before) > SETTLED * before and time.monotonic() < until:
            before = sum(found.values())
            time.sleep(APART_S)
            found = shares_mb(top)
    finally:
        house.end()
    total = sum(found.values()) - found["WeCom sandbox"]
    return {**{part: round(size) for part, size in sorted(found.items())}, "all_but_the_sandbox_mb": round(total)}
