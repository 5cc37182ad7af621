"""Who carries a plan out. A further executor is one more folder and one more line here."""

from automation.executors.ansible import AnsibleExecutor
from automation.executors.base import Execution, Executor, Order
from automation.executors.batched import BatchedExecution

EXECUTORS: dict[str, type[Executor]] = {"ansible": AnsibleExecutor}


def start(order: Order) -> Execution:
    """Begin an attempt, whole or in batches. Raises Refused."""
    begin = EXECUTORS[order.action.executor]().start
    return begin(order) if order.batch is None else BatchedExecution(begin, order)
