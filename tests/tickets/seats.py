"""What tests of transferred, added and reassigned seats share."""

from typing import Any

import pytest

from tests.factories import HOST, HOSTS, NOW, approval, begin, fresh, move, restart, submit, template, user, waiting
from tickets.errors import Invalid
from tickets.models import Ticket
from tickets.queries.detail import ticket_detail

ALL: dict[str, Any] = {"mode": "all"}


def people(*names: str) -> list[dict[str, Any]]:
    """A rule that names these people."""
    return [{"user": name} for name in names]


def started(*names: str, then: list[dict[str, Any]] | None = None, **more: Any) -> Ticket:
    """A ticket at a node `a` of these people, a job behind it."""
    template([approval("a", *people(*names), **more), *(then or []), restart()], [HOSTS])
    return submit(form=HOST)


def refused(code: str, ticket: Ticket, who: str, verb: str, *users: str, **more: Any) -> None:
    """The verb is refused with this code, and nothing is recorded."""
    before = fresh(ticket).event_seq
    with pytest.raises(Invalid) as found:
        move(ticket, who, verb, *users, **more)
    assert code in {error["code"] for error in found.value.errors}
    assert fresh(ticket).event_seq == before


def row(ticket: Ticket, assignee: str) -> Any:
    """The newest task of this person, as the person sees it."""
    tasks = ticket_detail(user(assignee), ticket.number, NOW)["tasks"]
    return [task for task in tasks if task["assignee"] == assignee][-1]


def runs(ticket: Ticket) -> None:
    """Everything is approved, and the executor accepts it."""
    assert fresh(ticket).state == "executing", waiting(ticket)
    assert begin(ticket).plan["action"] == "service.restart"
