"""Several runs in sequence that look like one run to the caller: batches, stages."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, Self

from automation.executors.base import Execution, HostResult, News, Order

NEVER_STARTED = 1
Start = Callable[[Order], Execution]


class Series:
    """The common part. A subclass begins its first run when it is created, and decides in `_go_on` what follows a run.

    has_verdict: whether every run so far has its verdict.
    """

    def __init__(self, start: Start) -> None:
        self.exit_code: int | None = None
        self.has_verdict = True
        self._start = start
        self._is_stopping, self._banner = False, b""
        self._under_way = ExitStack()
        self._current: Execution
        self._running: Order

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: Any) -> None:
        """End the processes of the current run; earlier runs have none left."""
        self._under_way.__exit__(*details)

    @property
    def began_at(self) -> float:
        """When the current run began: each run has its action's full time limit."""
        return self._current.began_at

    @property
    def timeout_s(self) -> int:
        """The time limit of the current run."""
        inner = self._current
        return inner.timeout_s if isinstance(inner, Series) else self._running.action.timeout_s

    def renew(self) -> None:
        """Renew the lease of the current run."""
        self._current.renew()

    def stop(self) -> None:
        """End the current run and begin no other."""
        self._is_stopping = True
        self._current.stop()

    def poll(self, timeout_s: float) -> News:
        """News of the current run; when it has ended, also of the next one."""
        if self.exit_code is not None:
            return News(b"", {})
        text, self._banner = self._banner, b""
        news = self._seen(self._current.poll(timeout_s))
        if self._current.exit_code is None:
            return replace(news, text=text + news.text)
        rest = self._seen(self._current.poll(0))
        self._under_way.close()
        hosts = news.hosts | rest.hosts | self._go_on()
        last = b""
        if self.exit_code is not None:
            last, self._banner = self._banner, b""
        return News(
            text + news.text + rest.text + last,
            hosts,
            news.diffs + rest.diffs,
            news.unforeseen + rest.unforeseen,
            {**news.outputs, **rest.outputs},
        )

    def _enter(self, order: Order) -> None:
        """Begin this run. Raises Refused."""
        self._running = order
        self._current = self._under_way.enter_context(self._start(order))

    def _seen(self, news: News) -> News:
        """The news of the current run, as news of the whole."""
        raise NotImplementedError

    def _go_on(self) -> dict[str, HostResult]:
        """After a run: begin the next one, or set the exit code. Return what this tells about hosts."""
        raise NotImplementedError
