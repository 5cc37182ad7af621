"""What tickets needs from the apps above it. They plug themselves in at start-up (AppConfig.ready)."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

from tickets.audit import Break
from tickets.models import Event
from tickets.models.content import Plan

Witness = Callable[[], Iterable[Break]]  # what another keeps of the tickets, held against the trail
Batch = int | str | list[int | str] | None


class Planner(Protocol):
    """Renders automation nodes before approval. Filled in by `automation`."""

    def plan(
        self,
        *,
        node: str,
        action: str,
        params: dict[str, Any],
        hosts: list[str],
        not_before: datetime | None,
        batch: Batch = None,
        on_failure: str = "stop",
    ) -> Plan:
        """The plan of one automation node, frozen host list included.

        batch: how many hosts at a time, a count, a percentage such as "25%", or a list of these; None for all at
        once. on_failure: stop after a failed batch, or continue. Raises tickets.errors.PlanRefused with findings
        ({path, code, message}) where a parameter or a host is not acceptable: unknown action, unknown host, no host
        at all, a value its action refuses.
        """
        ...

    def describe(self, plan: Plan) -> dict[str, Any]:
        """What people see beside the plan: {name, risk, command: [text], summary, labels}; localized."""
        ...

    def ending(self, outcome: str) -> str:
        """What the outcome of a job says, in the active language; an unknown one as it is."""
        ...

    def jobs_of(self, ticket_id: int) -> list[dict[str, Any]]:
        """The jobs of a ticket, oldest first, each {id, node, state, outcome}. One query."""
        ...


class Subscriber(Protocol):
    """Hears of committed events, in order per ticket, inside the dispatcher's transaction."""

    def __call__(self, events: Sequence[Event]) -> None:
        """Write rows only (unique per event), no outward call; ring workers on commit."""
        ...


_planner: Planner | None = None
_subscribers: dict[str, Subscriber] = {}
_witnesses: dict[str, Witness] = {}


def provide_planner(planner: Planner) -> None:
    """Plug in the planner (automation, at start-up)."""
    global _planner  # noqa: PLW0603 (a plug, set once)
    _planner = planner


def planner() -> Planner:
    """The planner. Raises RuntimeError where nobody plugged one in."""
    if _planner is None:
        raise RuntimeError("No planner is plugged in: is the automation app installed?")
    return _planner


def subscribe(name: str, subscriber: Subscriber) -> None:
    """Plug in a subscriber under its app's name."""
    _subscribers[name] = subscriber


def subscribers() -> Iterable[Subscriber]:
    """All subscribers, in the order of their plugging in."""
    return _subscribers.values()


def bear_witness(name: str, witness: Witness) -> None:
    """Plug in something that `audit verify` asks as well, under its app's name."""
    _witnesses[name] = witness


def witnesses() -> Iterable[Witness]:
    """All witnesses."""
    return _witnesses.values()
