"""Ending what is open: shared by return, veto, withdraw, an edit that voids, and sub-tickets that failed."""

from collections.abc import Iterable

from tickets.errors import AlreadyRunning
from tickets.events import Kind
from tickets.models import NodeVisit, Ticket
from tickets.states.ticket import FINAL
from tickets.walk import Walk, lock

CLOSED = NodeVisit.State.CLOSED


def require_no_running_job(visits: Iterable[NodeVisit]) -> None:
    """A job that runs is cancelled as a job, never walked away from (I17). Raises AlreadyRunning."""
    if any(visit.started_at is not None and visit.outcome != "failed" for visit in visits):
        raise AlreadyRunning


def close(walk: Walk, visits: Iterable[NodeVisit], outcome: str) -> list[str]:
    """Close these visits and take back what they had begun; answers their nodes in the order they were opened.

    Open sub-tickets are withdrawn, however deep; one whose job runs is left to end by itself.
    """
    closing = sorted(visits, key=lambda visit: visit.pk or 0)
    for visit in closing:
        walk.close_visit(visit, outcome, state=CLOSED)
        if visit.type == "subticket" and visit.pk is not None:
            withdraw_children(walk, visit)
    return [visit.node for visit in closing]


def withdraw_children(walk: Walk, visit: NodeVisit) -> None:
    """Withdraw the open sub-tickets of a visit; parents are locked before their children, so nobody waits in a ring."""
    numbers = Ticket.objects.filter(parent_visit=visit, finished_at__isnull=True).order_by("id")
    for number in numbers.values_list("number", flat=True):
        child = lock(walk.at, walk.actor, number=number)
        if child.ticket.state in FINAL:
            continue
        try:
            require_no_running_job(child.open_visits())
        except AlreadyRunning:
            continue
        close(child, child.open_visits(), "withdrawn")
        child.ticket.withdraw(at=child.at)
        child.record(Kind.TICKET_WITHDRAWN, comment="", parent=walk.ticket.number)
        child.save()
