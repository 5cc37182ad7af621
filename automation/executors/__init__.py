"""The executors, which carry out a plan. A new one is one more file or folder, and one more line here."""

from collections.abc import Callable, Mapping

from automation.executors.ansible import AnsibleExecutor
from automation.executors.base import Execution, Executor, HostResult, Order
from automation.executors.batched import BatchedExecution, parts_of
from automation.executors.checked import CheckedExecution, looked_up
from automation.executors.http import HttpExecutor
from automation.executors.manual import ManualExecutor
from automation.executors.salt import SaltExecutor
from automation.executors.series import Start

ALL: tuple[type[Executor], ...] = (AnsibleExecutor, SaltExecutor, HttpExecutor, ManualExecutor)

EXECUTORS = {executor.name: executor for executor in ALL}
WHY_UNREACHABLE: dict[str, Callable[[Mapping[str, Mapping[str, str]]], str]] = {
    executor.name: executor().why_unreachable
    for executor in ALL
    if executor.why_unreachable is not Executor.why_unreachable
}
TRACED = frozenset(executor.name for executor in ALL if executor.is_traced)


def at_once(order: Order) -> Execution:
    """Begin one run on all its hosts at once. Raises Refused."""
    return EXECUTORS[order.action.executor]().start(order)


def start(order: Order, begin: Start = at_once) -> Execution:
    """Begin an attempt, whole or in batches, with its health checks. Raises Refused. begin: begins each single run."""

    def portion(part: Order) -> Execution:
        return begin(part) if part.health_check is None else CheckedExecution(begin, part)

    return portion(order) if order.batch is None else BatchedExecution(portion, order)


def look_up(order: Order) -> Mapping[str, HostResult] | None:
    """The results of an attempt, host by host; None if they cannot be known. Raises Refused."""
    executor, found = EXECUTORS[order.action.executor](), dict[str, HostResult]()
    for part in parts_of(order):
        known = executor.look_up(part)
        if known is None:
            return None
        found |= known if part.health_check is None else looked_up(part, known, executor.look_up)
    return found
