"""A plan run batch by batch; each batch is a run of its own, for any executor.

Ansible's own `serial` does not fit: a batch in which every host fails ends its play, so "go on after failures" is not
possible, and results come only at the very end. Here no playbook is changed, no template value gets into one, and a
run sees only the hosts of its batch.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from automation.actions.batches import STOP, numbered
from automation.executors.base import HostResult, News, Order, Refused
from automation.executors.series import NEVER_STARTED, Series, Start
from automation.executors.verdict import Ending
from automation.models.job import DONE, HostStatus
from tickets.models.content import Target

NOT_TRIED = "Not tried: an earlier batch failed."


def batches_of(order: Order) -> list[tuple[int, Sequence[Target]]]:
    """(number, targets) of every batch that this order still has, numbered as in the whole run."""
    assert order.batch is not None  # noqa: S101 (whoever has no batches needs none of this)
    targets = {target["name"]: target for target in order.targets}
    numbers = numbered(order.whole or list(targets), order.batch)
    found: dict[int, list[Target]] = {}
    for name, target in targets.items():
        found.setdefault(numbers[name], []).append(target)
    return sorted(found.items())


def batch_key(key: str, number: int) -> str:
    """The key of one batch's run, made from the key of the whole; "" from ""."""
    return f"{key}-{number}" if key else ""


def parts_of(order: Order) -> list[Order]:
    """The runs of an order: one per batch, otherwise the order itself."""
    if order.batch is None:
        return [order]
    return [
        replace(order, targets=targets, batch=None, key=batch_key(order.key, number))
        for number, targets in batches_of(order)
    ]


class BatchedExecution(Series):
    """One batch at a time. After a failed batch the rest is not tried, unless the plan says to go on.

    If the result of a batch is lost, the run ends in any case. Raises Refused if the first batch
    cannot begin.
    """

    def __init__(self, start: Start, order: Order) -> None:
        super().__init__(start)
        self._order = order
        batches = batches_of(order)
        self._waiting: deque[tuple[int, Sequence[Target]]] = deque(batches)
        self._batch: Sequence[Target] = ()
        self._results: dict[str, HostResult] = {}
        self._total, self._code = batches[-1][0], 0
        self._is_holding = self.is_held = False
        self._begin()

    def hold(self, *, wanted: bool) -> None:
        """Stop or allow further batches; at the end, `is_held` says whether batches are left."""
        self._is_holding = wanted

    def _seen(self, news: News) -> News:
        self._results |= news.hosts
        return news

    def _begin(self) -> None:
        """Begin the next batch. Raises Refused."""
        number, self._batch = self._waiting.popleft()
        self._results = {}
        names = ", ".join(target["name"] for target in self._batch)
        self._banner = f"\nBatch {number} of {self._total}: {names}\n".encode()
        self._enter(replace(self._order, targets=self._batch, batch=None, key=batch_key(self._order.key, number)))

    def _go_on(self) -> dict[str, HostResult]:
        """After a batch: begin the next one, or end. Return the results of hosts that were not tried."""
        code = self._current.exit_code or 0
        is_lost = Ending(code, self._current.has_verdict).is_lost
        self.has_verdict = self.has_verdict and self._current.has_verdict
        self._code = code if is_lost else self._code or code
        if not self._waiting or self._is_stopping:
            self.exit_code = self._code
            return {}
        if is_lost or (self._failed(code) and self._order.on_failure == STOP):
            return self._give_up(NOT_TRIED)
        if self._is_holding:
            self.exit_code, self.is_held = self._code, True
            return {}
        try:
            self._begin()
        except Refused as refused:
            self._code = self._code or NEVER_STARTED
            return self._give_up(str(refused), self._batch)
        return {}

    def _failed(self, code: int) -> bool:
        done = [self._results[name].status in DONE for name in self._results]
        return code != 0 or len(done) < len(self._batch) or not all(done)

    def _give_up(self, why: str, *more: Sequence[Target]) -> dict[str, HostResult]:
        self.exit_code = self._code or NEVER_STARTED
        left = [target["name"] for batch in (*more, *(batch for _number, batch in self._waiting)) for target in batch]
        return {name: HostResult(HostStatus.SKIPPED, message=why) for name in left}
