"""Ports of accounts: what the apps above register at start-up."""

from collections.abc import Callable, Collection, Iterable
from typing import Any

_counter: str | None = None
_subscribers: dict[str, Callable[[Any], None]] = {}
_templates: Callable[[Collection[str]], set[str]] | None = None


def provide_counts(fragment: str) -> None:
    """Register the SQL that counts a person's work, used in the profile (tickets).

    fragment: the text of an accounts.fragments.Fragment with the value `at`; returns {todo, mine, cc}.
    """
    global _counter  # noqa: PLW0603 (a plug, set once)
    _counter = fragment


def counting() -> str:
    """That SQL. Raises RuntimeError if none is registered."""
    if _counter is None:
        raise RuntimeError("No counter is registered: is the tickets app installed?")
    return _counter


def provide_templates(known: Callable[[Collection[str]], set[str]]) -> None:
    """Register the check for known templates, used by proxies limited to templates (templates_engine)."""
    global _templates  # noqa: PLW0603 (a plug, set once)
    _templates = known


def known_templates(keys: Collection[str]) -> set[str]:
    """Those of these keys that are templates. Raises RuntimeError if no check is registered."""
    if _templates is None:
        raise RuntimeError("No check of templates is registered: is the templates_engine app installed?")
    return _templates(keys)


def subscribe_to_acts(name: str, on_act: Callable[[Any], None]) -> None:
    """Register a subscriber for committed acts of the administration trail (notify).

    on_act: takes an AdminEvent, writes rows under unique keys, inside the dispatcher's transaction.
    """
    _subscribers[name] = on_act


def act_subscribers() -> Iterable[Callable[[Any], None]]:
    """All registered subscribers."""
    return _subscribers.values()
