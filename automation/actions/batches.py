"""Batches of a plan's hosts (batch, on_failure): checked strictly; the preview and the run use the same rules."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, TypeGuard, TypeVar

from templates_engine.text import Text, both
from tickets.models.content import Plan

Size = int | str
Batch = Size | list[Size]

SIZES_MAX, HOSTS_MAX = 20, 10_000
PERCENT = re.compile(r"(?:100|[1-9][0-9]?)%")
STOP, CONTINUE = "stop", "continue"

T = TypeVar("T")


def is_batch(value: Any) -> TypeGuard[Batch]:
    """Whether this is a number of hosts, a percentage such as "25%", or a list of those; nothing else passes."""
    sizes = value if isinstance(value, list) else [value]
    return 0 < len(sizes) <= SIZES_MAX and all(_is_size(size) for size in sizes)


def _is_size(size: Any) -> bool:
    if isinstance(size, str):
        return PERCENT.fullmatch(size) is not None
    return isinstance(size, int) and not isinstance(size, bool) and 0 < size <= HOSTS_MAX


def portions(hosts: Sequence[T], batch: Batch) -> Iterator[Sequence[T]]:
    """The hosts in order, batch by batch; in a list of sizes, the last one repeats. A percentage is of all the hosts.

    It is rounded down, but no batch is empty, as with Ansible's `serial`.
    """
    sizes = [_count(size, len(hosts)) for size in (batch if isinstance(batch, list) else [batch])]
    start = 0
    while start < len(hosts):
        size = sizes.pop(0) if len(sizes) > 1 else sizes[0]
        yield hosts[start : start + size]
        start += size


def _count(size: Size, total: int) -> int:
    return size if isinstance(size, int) else max(1, total * int(size.rstrip("%")) // 100)


def batch_numbers(plan: Plan, only: Sequence[str] | None) -> dict[str, int]:
    """Host → its batch number, from 1; empty without batches. only: the hosts of this run, None for all."""
    if "batch" not in plan:
        return {}
    names = [target["name"] for target in plan["targets"] if only is None or target["name"] in only]
    return numbered(names, plan["batch"])


def numbered(names: Sequence[str], batch: Batch) -> dict[str, int]:
    """Host → its batch number, from 1."""
    return {name: number for number, part in enumerate(portions(names, batch), 1) for name in part}


def words(hosts: Sequence[Any], batch: Batch | None, on_failure: str) -> Text:
    """How the run goes through its hosts, for approvers: a sentence in both languages."""
    count = len(hosts)
    zh, en = f"在 {count} 台主机上执行", f"Runs on {count} host{'' if count == 1 else 's'}"
    if batch is None:
        return both(zh, en)
    steps = len(list(portions(hosts, batch)))
    zh += f"，分 {steps} 批，" + ("失败即停" if on_failure == STOP else "失败后继续")
    after = "stopping at the first batch that fails" if on_failure == STOP else "going on after failures"
    return both(zh, f"{en} in {steps} batch{'' if steps == 1 else 'es'}, {after}")
