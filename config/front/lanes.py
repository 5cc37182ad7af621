"""Threads that run requests: a few lanes, so that what is urgent never waits behind what is many."""

import asyncio
import math
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


class Busy(Exception):
    """More waits for this lane than it will come to in time. status, code: of the answer."""

    status, code = 503, "busy"


@dataclass(slots=True)
class Turn:
    """Some work, who waits for its end, and until when it is worth beginning (monotonic seconds)."""

    work: Callable[[], Any]
    done: "asyncio.Future[Any]"
    until: float


class Lane:
    """So many threads and what waits for them, at most `longest`, each at most `patience_s`."""

    def __init__(self, name: str, threads: int, *, longest: int = 512, patience_s: float = 30.0) -> None:
        self.name, self.threads, self.longest, self.patience_s = name, threads, longest, patience_s
        self._waiting: queue.SimpleQueue[Turn] = queue.SimpleQueue()

    def start(self) -> None:
        """Start its threads. They end with the process."""
        for number in range(self.threads):
            threading.Thread(target=self._serve, name=f"{self.name}-{number}", daemon=True).start()

    async def run(self, work: Callable[[], Any], *, patiently: bool = False) -> Any:
        """What `work` answers, run in one of the threads; patiently: however long that takes.

        Raises Busy where its turn did not come, and whatever `work` raises.
        """
        if self._waiting.qsize() >= self.longest and not patiently:
            raise Busy
        done = asyncio.get_running_loop().create_future()
        self._waiting.put(Turn(work, done, math.inf if patiently else time.monotonic() + self.patience_s))
        return await done

    def _serve(self) -> None:
        while True:
            turn = self._waiting.get()
            answer: Any = None
            error: Exception | None = None
            if time.monotonic() > turn.until:
                error = Busy()
            else:
                try:
                    answer = turn.work()
                except Exception as raised:  # noqa: BLE001 (it is whoever waits for it who must know)
                    error = raised
            turn.done.get_loop().call_soon_threadsafe(_settle, turn.done, answer, error)
            del turn, answer, error  # nothing of a request outlives it while the thread waits for the next


def _settle(done: "asyncio.Future[Any]", answer: Any, error: Exception | None) -> None:
    if done.done():
        return
    if error is None:
        done.set_result(answer)
    else:
        done.set_exception(error)
