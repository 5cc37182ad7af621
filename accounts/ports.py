"""What the log-in answers beside the person: counts of their work, plugged in by `tickets` at start-up."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

Counts = dict[str, int]
_counter: Callable[[Any, datetime], Counts] | None = None


def provide_counts(counter: Callable[[Any, datetime], Counts]) -> None:
    """Plug in the counter (tickets, at start-up)."""
    global _counter  # noqa: PLW0603 (a plug, set once)
    _counter = counter


def counts_of(user: Any, at: datetime) -> Counts:
    """{todo, mine, cc} of this person. Raises RuntimeError where nobody plugged a counter in."""
    if _counter is None:
        raise RuntimeError("No counter is plugged in: is the tickets app installed?")
    return _counter(user, at)
