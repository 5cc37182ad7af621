"""Tickets with a deadline, for tests."""

from collections.abc import Iterable
from typing import Any

from tests.factories import approval, kinds, submit, template
from tickets.models import Ticket


def at(node: str, *names: str, **more: Any) -> dict[str, Any]:
    """An approval node of these people."""
    return approval(node, *({"user": name} for name in names), **more)


def started(
    on_timeout: Any = "remind", *, names: Iterable[str] = ("bob",), then: Iterable[dict[str, Any]] = (), **more: Any
) -> Ticket:
    """A ticket at a node `a` that is due after a day."""
    template([at("a", *names, due="1d", on_timeout=on_timeout, **more), *then])
    return submit()


def fired(ticket: Ticket, kind: str) -> int:
    """How many events of this kind there are."""
    return kinds(ticket).count(kind)
