"""The records that other systems keep of a whole attempt, by stage and batch, if its worker is gone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from automation import executors
from automation.credentials.order_secrets import with_credentials
from automation.executors.base import HostResult, Order
from automation.executors.batched import parts_of
from automation.executors.host_words import STAGES_LEFT
from automation.models.job import DONE, OPEN, HostStatus


@dataclass(frozen=True)
class Traces:
    """names: the hosts of the attempt. hosts: the known results. limit_s: the longest possible time of the attempt."""

    names: Sequence[str]
    hosts: Mapping[str, HostResult]
    limit_s: int


def traces_of(stages: Sequence[tuple[Order, bool]]) -> Traces | None:
    """The records. None if this kind of run keeps none. Raises Refused if the other system cannot be asked now.

    stages: each order, and whether it takes values of earlier stages: those are unknown now, so it is not judged.
    """
    names = [target["name"] for target in stages[0][0].targets]
    if stages[0][0].action.executor not in executors.TRACED:
        return None
    limit_s = sum(_limit_s(order) * len(parts_of(order)) for order, _takes in stages)
    hosts: Mapping[str, HostResult] = {}
    changed: set[str] = set()
    for number, (order, takes) in enumerate(stages, 1):
        is_asked = not takes and order.action.executor in executors.TRACED
        found = executors.look_up(with_credentials(order)) if is_asked else {}
        if found is None:
            return None if number == 1 else Traces(names, {}, limit_s)
        found = {name: result for name, result in found.items() if result.status not in OPEN}
        changed |= {name for name, result in found.items() if result.changed}
        hosts = {name: _of_all(result, changed=name in changed) for name, result in found.items()}
        if number < len(stages):
            hosts = _before_the_last(hosts)
        if hosts or not all(name in found for name in names):
            break
    return Traces(names, hosts, limit_s)


def _limit_s(order: Order) -> int:
    """The longest time of one batch, with its health check."""
    return order.action.timeout_s + (_limit_s(order.health_check) if order.health_check else 0)


def _of_all(result: HostResult, *, changed: bool) -> HostResult:
    """A host that any stage has changed counts as changed."""
    status = HostStatus.CHANGED if changed and result.status in DONE else result.status
    return replace(result, status=status, changed=changed)


def _before_the_last(found: Mapping[str, HostResult]) -> Mapping[str, HostResult]:
    """What a stage before the last says about the whole run: nothing if it succeeded on every host; after a failure,
    none of its hosts reaches the next stage."""
    if all(result.status in DONE for result in found.values()):
        return {}
    left = {name: HostResult(HostStatus.NOT_REACHED, one.changed, STAGES_LEFT) for name, one in found.items()}
    return {name: left[name] if result.status in DONE else result for name, result in found.items()}
