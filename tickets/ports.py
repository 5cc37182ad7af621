"""Ports of tickets: what the apps above register at start-up (AppConfig.ready)."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

from accounts.organisation.people import PersonFacts
from templates_engine.program.rendering import AskedStep
from tickets.audit.verify import Break
from tickets.models import Event
from tickets.models.content import Plan

Witness = Callable[[], Iterable[Break]]  # finds contradictions between another record of the tickets and the trail
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
        applicant: PersonFacts | None = None,
        dry_run: str | None = None,
        stages: Sequence[AskedStep] = (),
        rollback: AskedStep | str | None = None,
    ) -> Plan:
        """The plan of one automation node, with its fixed list of hosts.

        batch: how many hosts at a time: a count, a percentage such as "25%", or a list of these; None for all at once.
        on_failure: stop after a failed batch, or continue. applicant: {username, department, roles}; some hosts are
        closed to some applicants. dry_run: what the node asks for. stages: all steps if there are several; the first
        is `action`. rollback: `previous`, the action's own rollback, or another step. Raises
        tickets.errors.PlanRefused with findings ({path, code, message}) if a parameter or host is not acceptable:
        unknown action, unknown host, no host at all, a value that the action refuses.
        """
        ...

    def describe(self, plan: Plan) -> dict[str, Any]:
        """What people see next to the plan: {name, risk, command: [text], summary, labels, back, checks}; localized."""
        ...

    def machine(self, plan: dict[str, Any]) -> list[dict[str, str]]:
        """The plan as it is executed: parts, each {kind, title, text}; secret values are masked."""
        ...

    def ending(self, outcome: str) -> str:
        """The text for the outcome of a job, in the active language; an unknown outcome is returned unchanged."""
        ...

    def dry_runs_of(self, ticket_id: int) -> dict[str, dict[str, Any]]:
        """Node → the last dry run of each plan: {plan, state, progress, message, finished_at}. One query."""
        ...

    def jobs_of(self, ticket_id: int) -> list[dict[str, Any]]:
        """The jobs of a ticket, oldest first, each {id, node, state, outcome}. One query."""
        ...


class Subscriber(Protocol):
    """Receives committed events, in order per ticket, inside the dispatcher's transaction."""

    def __call__(self, events: Sequence[Event]) -> None:
        """Write rows only (unique per event); make no outgoing call; wake workers on commit."""
        ...


_planner: Planner | None = None
_subscribers: dict[str, Subscriber] = {}
_witnesses: dict[str, Witness] = {}


def provide_planner(planner: Planner) -> None:
    """Register the planner (automation does, at start-up)."""
    global _planner  # noqa: PLW0603 (a plug, set once)
    _planner = planner


def planner() -> Planner:
    """The planner. Raises RuntimeError if none is registered."""
    if _planner is None:
        raise RuntimeError("No planner is plugged in: is the automation app installed?")
    return _planner


def subscribe(name: str, subscriber: Subscriber) -> None:
    """Register a subscriber under its app's name."""
    _subscribers[name] = subscriber


def subscribers() -> Iterable[Subscriber]:
    """All subscribers, in the order of registration."""
    return _subscribers.values()


def bear_witness(name: str, witness: Witness) -> None:
    """Register a witness for `audit verify` under its app's name."""
    _witnesses[name] = witness


def witnesses() -> Iterable[Witness]:
    """All witnesses."""
    return _witnesses.values()
