"""Run functions at the same instant, each with its own connection (T4)."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connections


def race(contenders: Sequence[Callable[..., Any]], timeout: float = 60) -> list[Any]:
    """The result or exception of each, in order. All wait at one barrier first."""
    barrier = threading.Barrier(len(contenders))
    outcomes: list[Any] = [None] * len(contenders)

    def run(index: int, act: Callable[..., Any]) -> None:
        try:
            barrier.wait(timeout)
            outcomes[index] = act()
        except Exception as error:  # noqa: BLE001 (the outcome is what the test judges)
            outcomes[index] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair, daemon=True) for pair in enumerate(contenders)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    return outcomes


def won(outcomes: Sequence[Any]) -> list[Any]:
    """The results of those that did not raise."""
    return [outcome for outcome in outcomes if not isinstance(outcome, Exception)]


def lost(outcomes: Sequence[Any]) -> list[str]:
    """The codes of those that were refused; any other exception fails."""
    errors = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    return [error.code for error in errors]  # type: ignore[attr-defined]
