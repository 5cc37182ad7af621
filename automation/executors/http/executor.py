"""Carry an order out as HTTP requests, one after the other, in a thread of its own; the worker reads the news."""

import queue
import threading
import time
from collections.abc import Mapping
from typing import Any, Self

from automation.actions.executors import Draft
from automation.executors.base import Executor, HostResult, Mode, News, Order, Refused
from automation.executors.http.building import Prepared, prepare
from automation.executors.http.calls import Call, require_allowed
from automation.executors.http.section import check_section
from automation.models.job import HostStatus
from templates_engine.text import both

FENCE_S = 12.0
FAILED, LOST = 2, 97
GOOD = frozenset({HostStatus.OK, HostStatus.CHANGED})
STOPPED = "The worker was told to stop before this host."


class HttpExecutor(Executor):
    """Calls a system with an API."""

    name, label = "http", both("HTTP", "HTTP")
    is_traced = True

    def check_section(self, draft: Draft) -> None:
        """Method, URL, and what the answers mean. Raises ValueError."""
        check_section(draft.run, draft.params)

    def start(self, order: Order) -> "HttpExecution":
        """Begin. Raises Refused; then nothing has been sent."""
        if order.mode is not Mode.RUN:
            raise Refused("What another system would do cannot be foreseen from here.")
        if not order.key:
            raise Refused("A request needs the key of its run.")
        require_allowed(order.action.run["url"])
        return HttpExecution(order, _requests(order))

    def look_up(self, order: Order) -> Mapping[str, HostResult] | None:
        """The results by the run's key, if the action has a `look_up` section; otherwise None."""
        if "look_up" not in order.action.run:
            return None
        found: dict[str, HostResult] = {}
        for prepared in _requests(order):
            result = Call(order, prepared, lambda _line: None, lambda _seconds: False).look_up()
            if result is not None:
                found |= dict.fromkeys(hosts_of(order, prepared), result)
        return found


def _requests(order: Order) -> list[Prepared]:
    if order.action.run.get("per", "host") == "run":
        return [prepare(order, None)]
    return [prepare(order, target) for target in order.targets]


def hosts_of(order: Order, prepared: Prepared) -> list[str]:
    """The hosts of a request."""
    return [prepared.host] if prepared.host else [target["name"] for target in order.targets]


class HttpExecution:
    """Requests in progress. After FENCE_S without `renew` no more are sent, and the current one is unknown."""

    def __init__(self, order: Order, requests: list[Prepared]) -> None:
        self.exit_code: int | None = None
        self.has_verdict = False
        self._order, self._requests = order, requests
        self._began = self._renewed = time.monotonic()
        self._news: queue.Queue[News | int] = queue.Queue()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name=f"http-{order.number}", daemon=True)
        self._thread.start()

    @property
    def began_at(self) -> float:
        """When the first request was made."""
        return self._began

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: Any) -> None:
        """After this returns, nothing more is sent; requests already sent go on in the other system."""
        self._stopping.set()
        self._thread.join()

    def renew(self) -> None:
        """The worker still holds the job."""
        self._renewed = time.monotonic()

    def stop(self) -> None:
        """Send no further request; cancel the current one if the action says how."""
        self._stopping.set()

    def poll(self, timeout_s: float) -> News:
        """The news so far, after at most timeout_s."""
        news = News(b"", {})
        deadline = time.monotonic() + timeout_s
        while self.exit_code is None:
            try:
                found = self._news.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                return news
            if isinstance(found, int):
                self.exit_code = found
                self.has_verdict = found != LOST
            else:
                news = News(
                    news.text + found.text, {**news.hosts, **found.hosts}, outputs={**news.outputs, **found.outputs}
                )
        return news

    def _wait(self, seconds: float) -> bool:
        """Sleep; return False if the run is to stop or the worker's lease has expired."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self._is_over() or self._stopping.wait(min(0.2, max(0.0, deadline - time.monotonic()))):
                return False
        return not self._is_over()

    def _is_over(self) -> bool:
        return self._stopping.is_set() or time.monotonic() - self._renewed > FENCE_S

    def _work(self) -> None:
        statuses: list[str] = []
        code = LOST  # after any error here, what was sent is unknown
        try:
            for prepared in self._requests:
                if self._is_over():
                    statuses.append(HostStatus.SKIPPED)
                    continue
                statuses.append(self._one(prepared))
            code = LOST if HostStatus.UNKNOWN in statuses else 0 if GOOD.issuperset(statuses) else FAILED
        finally:
            self._news.put(code)

    def _one(self, prepared: Prepared) -> str:
        names = hosts_of(self._order, prepared)
        self._news.put(News(b"", dict.fromkeys(names, HostResult(HostStatus.RUNNING))))
        where = prepared.host or "run"

        def say(line: str) -> None:
            self._news.put(News(f"{where} | {line}\n".encode(), {}))

        call = Call(self._order, prepared, say, self._wait)
        result = call.run()
        if result.status == HostStatus.UNKNOWN and self._stopping.is_set():
            result = call.cancel() or result
        outputs = dict.fromkeys(names, call.outputs) if call.outputs else {}
        self._news.put(News(b"", dict.fromkeys(names, result), outputs=outputs))
        return result.status
