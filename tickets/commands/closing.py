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
    if any(visit.is_running for visit in visits):
        raise AlreadyRunning


def close(walk: Walk, visits: Iterable[NodeVisit], outcome: str) -> list[str]:
    """Close these visits; answers their nodes in the order they were opened."""
    closing = sorted(visits, key=lambda visit: visit.pk or 0)
    for visit in closing:
        walk.close_visit(visit, outcome, state=CLOSED)
    return [visit.node for visit in closing]


def close_all(walk: Walk, outcome: str) -> list[str]:
    """Close whatever is open, and withdraw every open sub-ticket."""
    closed = close(walk, walk.open_visits(), outcome)
    withdraw_children(walk, walk.visits)
    return closed


def withdraw_children(walk: Walk, visits: Iterable[NodeVisit]) -> None:
    """Withdraw the open sub-tickets that these visits made, however deep; one whose job runs ends by itself.

    Parents are locked before their children, so nobody waits in a ring.
    """
    made_by = [visit.pk for visit in visits if visit.type == "subticket" and visit.pk is not None]
    if not made_by:
        return
    open_ones = Ticket.objects.filter(parent_visit__in=made_by, finished_at__isnull=True).order_by("id")
    for number in open_ones.values_list("number", flat=True):
        child = lock(walk.at, walk.actor, number=number)
        if child.ticket.state in FINAL:
            continue
        try:
            require_no_running_job(child.open_visits())
        except AlreadyRunning:
            continue
        close_all(child, "withdrawn")
        child.ticket.withdraw(at=child.at)
        child.record(Kind.TICKET_WITHDRAWN, comment="", parent=walk.ticket.number)
        child.save()
