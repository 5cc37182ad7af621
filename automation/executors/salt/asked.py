"""A slow call that the caller may stop waiting for."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

POLL_S = 0.1

T = TypeVar("T")


class Unanswered(Exception):
    """The caller was told to stop before the answer came."""


def answer_unless(stop: threading.Event, ask: Callable[[], T]) -> T:
    """Return or raise what `ask` does; raise Unanswered as soon as `stop` is set. The call itself is not cancelled."""
    answer: Future[T] = Future()

    def work() -> None:
        try:
            answer.set_result(ask())
        except Exception as error:  # noqa: BLE001 (raised where it was asked)
            answer.set_exception(error)

    threading.Thread(target=work, name="salt-question", daemon=True).start()
    while not stop.is_set():
        try:
            return answer.result(POLL_S)
        except TimeoutError:
            if answer.done():
                raise
    if answer.done():
        return answer.result()
    raise Unanswered
