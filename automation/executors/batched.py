"""A plan taken batch by batch, each batch a run of its own, whatever the executor.

Ansible's own `serial` would not do: a batch in which every host fails ends its play, so "go on after failures" could
not be kept, and results come in only at the very end. Here no play is rewritten and no value of a template reaches
one; a run sees the hosts of its batch and no others.
"""

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, Self

from automation.batches import STOP, portions
from automation.executors.base import Execution, HostResult, News, Order, Refused
from automation.models.job import DONE, HostStatus
from automation.verdict import Ending
from tickets.models.content import Target

NOT_TRIED = "Not tried: an earlier batch failed."
NEVER_STARTED = 1


class BatchedExecution:
    """One batch at a time. After a failed one the rest is not tried, unless the plan says to go on.

    A batch of which nobody knows how far it came ends the run in any case. Raises Refused where the first batch
    cannot begin.
    """

    def __init__(self, start: Callable[[Order], Execution], order: Order) -> None:
        assert order.batch is not None  # noqa: S101 (whoever has no batches needs none of this)
        self.exit_code: int | None = None
        self.has_verdict = True
        self._start, self._order = start, order
        self._waiting: deque[Sequence[Target]] = deque(portions(order.targets, order.batch))
        self._batch: Sequence[Target] = ()
        self._results: dict[str, HostResult] = {}
        self._total, self._code, self._is_stopping, self._banner = len(self._waiting), 0, False, b""
        self._under_way = ExitStack()
        self._current = self._begin()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: Any) -> None:
        """Leave no process of the batch under way; those before it have left none."""
        self._under_way.__exit__(*details)

    @property
    def began_at(self) -> float:
        """When the batch under way began: each has the action's time limit to itself."""
        return self._current.began_at

    def renew(self) -> None:
        """Renew the lease of the batch under way."""
        self._current.renew()

    def stop(self) -> None:
        """End the batch under way, and begin no other."""
        self._is_stopping = True
        self._current.stop()

    def look(self, timeout_s: float) -> News:
        """News of the batch under way; when it has ended, also of what follows."""
        if self.exit_code is not None:
            return News(b"", {})
        text, self._banner = self._banner, b""
        news = self._look(timeout_s)
        if self._current.exit_code is None:
            return News(text + news.text, news.hosts)
        rest = self._look(0)
        self._under_way.close()
        return News(text + news.text + rest.text, news.hosts | rest.hosts | self._go_on())

    def _look(self, timeout_s: float) -> News:
        news = self._current.look(timeout_s)
        self._results |= news.hosts
        return news

    def _begin(self) -> Execution:
        """The next batch. Raises Refused."""
        self._batch = self._waiting.popleft()
        self._results = {}
        names = ", ".join(target["name"] for target in self._batch)
        self._banner = f"\nBatch {self._total - len(self._waiting)} of {self._total}: {names}\n".encode()
        order = replace(self._order, targets=self._batch, batch=None)
        return self._under_way.enter_context(self._start(order))

    def _go_on(self) -> dict[str, HostResult]:
        """After a batch: begin the next one, or end. What is thereby known of hosts that were not tried."""
        code = self._current.exit_code or 0
        is_lost = Ending(code, self._current.has_verdict).is_lost
        self.has_verdict = self.has_verdict and self._current.has_verdict
        self._code = code if is_lost else self._code or code
        if not self._waiting or self._is_stopping:
            self.exit_code = self._code
            return {}
        if is_lost or (self._failed(code) and self._order.on_failure == STOP):
            return self._give_up(NOT_TRIED)
        try:
            self._current = self._begin()
        except Refused as refused:
            self._code = self._code or NEVER_STARTED
            return self._give_up(str(refused), self._batch)
        return {}

    def _failed(self, code: int) -> bool:
        done = [self._results[name].status in DONE for name in self._results]
        return code != 0 or len(done) < len(self._batch) or not all(done)

    def _give_up(self, why: str, *more: Sequence[Target]) -> dict[str, HostResult]:
        self.exit_code = self._code or NEVER_STARTED
        left = [target["name"] for batch in (*more, *self._waiting) for target in batch]
        return {name: HostResult(HostStatus.SKIPPED, message=why) for name in left}
