"""Acts for races: each is a function to call, with all lookups done before the race."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from tests.factories import NOW, approval, user
from tickets.background import timers
from tickets.commands import children, signers
from tickets.commands import reassign as reassigning
from tickets.commands.decide import decide
from tickets.commands.withdraw import withdraw
from tickets.models import NodeVisit, Ticket

LATE = NOW + timedelta(hours=2)  # after the deadlines in these tests
Act = Callable[[], Any]


def person_at(node: str, name: str, **more: Any) -> dict[str, Any]:
    """An approval by one person."""
    return approval(node, {"user": name}, **more)


def say(task: int, verb: Any, name: str, channel: Any = "web", at: datetime = NOW, **more: Any) -> Act:
    """Decide."""
    actor = user(name)
    return lambda: decide(task_id=task, verb=verb, actor=actor, at=at, channel=channel, **more)


def transfer(task: int, name: str, *to: str) -> Act:
    """Transfer a seat."""
    actor, users = user(name), list(to)
    return lambda: signers.transfer(task_id=task, actor=actor, at=NOW, users=users, comment="x", channel="web")


def add_sign(task: int, name: str, position: Any, *to: str) -> Act:
    """Add signatures."""
    actor, users = user(name), list(to)
    return lambda: signers.add_sign(
        task_id=task, actor=actor, at=NOW, users=users, position=position, comment="x", channel="web"
    )


def remove_sign(task: int, name: str, *to: str) -> Act:
    """Remove added signatures."""
    actor, users = user(name), list(to)
    return lambda: signers.remove_sign(task_id=task, actor=actor, at=NOW, users=users, comment="x", channel="web")


def reassign(ticket: Ticket, node: str, *to: str) -> Act:
    """Reassign as administrator."""
    actor, users = user("admin"), list(to)
    return lambda: reassigning.reassign(number=ticket.number, actor=actor, at=NOW, node=node, users=users, comment="x")


def taking_back(ticket: Ticket) -> Act:
    """Withdraw as applicant."""
    alice = user("alice")
    return lambda: withdraw(number=ticket.number, actor=alice, at=NOW)


def sweep() -> Act:
    """One run of the timers' sweep, when everything is due."""
    return lambda: timers.fire_due(LATE)


def wake(ticket: Ticket) -> Act:
    """Wake a parent whose children have ended."""
    visit = NodeVisit.objects.get(ticket=ticket, type="subticket", state="open").pk
    return lambda: children.wake(visit_id=visit, at=NOW)
