"""Threads that run requests, in separate lanes, so that urgent requests never wait behind many others."""

import asyncio
import math
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


class Busy(Exception):
    """The lane's queue is full, or the work waited too long. status, code: of the response."""

    status, code = 503, "busy"


@dataclass(slots=True)
class Turn:
    """Work, the future for its result, and the latest time to begin it (monotonic seconds)."""

    work: Callable[[], Any]
    done: "asyncio.Future[Any]"
    until: float


class Lane:
    """Threads and their queue: at most `longest` items, each waiting at most `patience_s` seconds."""

    def __init__(self, name: str, threads: int, *, longest: int = 512, patience_s: float = 30.0) -> None:
        self.name, self.threads, self.longest, self.patience_s = name, threads, longest, patience_s
        self._waiting: queue.SimpleQueue[Turn] = queue.SimpleQueue()

    def start(self) -> None:
        """Start the threads. They end with the process."""
        for number in range(self.threads):
            threading.Thread(target=self._serve, name=f"{self.name}-{number}", daemon=True).start()

    async def run(self, work: Callable[[], Any], *, patiently: bool = False) -> Any:
        """Run `work` in one of the threads and return its result. patiently: wait without limit.

        Raises Busy if it could not begin in time, and whatever `work` raises.
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
            del turn, answer, error  # release the request while the thread waits for the next one


def _settle(done: "asyncio.Future[Any]", answer: Any, error: Exception | None) -> None:
    if done.done():
        return
    if error is None:
        done.set_result(answer)
    else:
        done.set_exception(error)
