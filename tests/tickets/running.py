"""A ticket about to run, and what the executor does with it."""

from typing import Any

from tests.factories import NGINX, NOW, act, automation_visit, submit
from tickets.commands import execution
from tickets.models import Ticket


def approved() -> Ticket:
    """A ticket approved by bob and dave, about to run."""
    made = submit("nginx-config-sync", {**NGINX, "note": "hello"})
    act(made, "bob")
    return act(made, "dave")


def begin(ticket: Ticket, job: int = 1) -> execution.Approved:
    """Begin as the executor."""
    return execution.begin(visit_id=automation_visit(ticket).pk, job_id=job, at=NOW)


def settle(
    ticket: Ticket, *, ok: bool, outcome: str = "completed", hosts: dict[str, Any] | None = None, job: int = 1
) -> None:
    """Settle as the executor."""
    visit = automation_visit(ticket).pk
    execution.settle(visit_id=visit, job_id=job, at=NOW, ok=ok, outcome=outcome, hosts=hosts or {})
