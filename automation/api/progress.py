"""The progress of a job, computed from its hosts."""

from collections.abc import Collection, Sequence
from typing import Any

from automation.models.job import HostStatus

TO_COME = frozenset({HostStatus.WAITING, HostStatus.RUNNING})


def progress(hosts: Sequence[dict[str, Any]], only: Collection[str] | None) -> dict[str, int]:
    """{batch, batches, done, total} of the last run. done: finished hosts, successful or not.

    only: the names of that run's hosts, None for all.
    """
    run = [host for host in hosts if only is None or host["name"] in only]
    numbers = [host["batch"] or 1 for host in run]
    left = [host["batch"] or 1 for host in run if host["status"] in TO_COME]
    batches = max(numbers, default=1)
    return {
        "batch": min(left, default=batches),
        "batches": batches,
        "done": len(run) - len(left),
        "total": len(run),
    }
