"""Steps of one process on one database connection: how many a second, and what processor time each costs.

Without packages of Baton: SpiffWorkflow's side runs in an environment of its own.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """Of some steps. cpu_s: processor time of this process and of its database connection."""

    steps: int
    seconds: float
    cpu_s: float


def measured(steps: Callable[[], int], backend: int) -> Cost:
    """Run these steps, which say how many they were. backend: the process id of the database connection."""
    cpu, began = time.process_time() + used_by(backend), time.perf_counter()
    count = steps()
    return Cost(count, time.perf_counter() - began, time.process_time() + used_by(backend) - cpu)


def used_by(process: int) -> float:
    """Processor seconds of a process so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK
