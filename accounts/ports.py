"""What accounts asks of apps above it; each plugs its answer in at start-up."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any

Counts = dict[str, int]
_counter: Callable[[Any, datetime], Counts] | None = None
_hearers: dict[str, Callable[[Any], None]] = {}
_templates: Callable[[Collection[str]], set[str]] | None = None


def provide_counts(counter: Callable[[Any, datetime], Counts]) -> None:
    """Plug in the counter of work, for the log-in's answer (tickets)."""
    global _counter  # noqa: PLW0603 (a plug, set once)
    _counter = counter


def counts_of(user: Any, at: datetime) -> Counts:
    """{todo, mine, cc} of this person. Raises RuntimeError where nobody plugged a counter in."""
    if _counter is None:
        raise RuntimeError("No counter is plugged in: is the tickets app installed?")
    return _counter(user, at)


def provide_templates(known: Callable[[Collection[str]], set[str]]) -> None:
    """Plug in who knows which templates there are, for proxies that cover some of them (templates_engine)."""
    global _templates  # noqa: PLW0603 (a plug, set once)
    _templates = known


def known_templates(keys: Collection[str]) -> set[str]:
    """Those of these keys that are templates'. Raises RuntimeError where nobody is plugged in."""
    if _templates is None:
        raise RuntimeError("Nobody knows the templates: is the templates_engine app installed?")
    return _templates(keys)


def hear_acts(name: str, hear: Callable[[Any], None]) -> None:
    """Plug in who hears of each act in the trail of administration, once it is committed (notify).

    hear: takes an AdminEvent, writes rows under unique keys, within the dispatcher's transaction.
    """
    _hearers[name] = hear


def hearers_of_acts() -> Iterable[Callable[[Any], None]]:
    """Everybody who is plugged in."""
    return _hearers.values()
