"""Close open visits: used by return, veto, withdrawal, voiding edits, and failed sub-tickets."""

from collections.abc import Collection, Iterable

from django.db.models import Exists, Min, OuterRef, Q
from django.utils.translation import gettext as _

from common.errors import finding
from tickets.engine.walk import Walk, lock
from tickets.errors import AlreadyRunning, Invalid
from tickets.models import NodeVisit, Ticket
from tickets.states.ticket import FINAL
from tickets.trail.events import Kind

CLOSED = NodeVisit.State.CLOSED


def require_no_running_job(visits: Iterable[NodeVisit]) -> None:
    """A running job must be cancelled as a job first (I17). Raises AlreadyRunning."""
    if any(visit.is_running for visit in visits):
        raise AlreadyRunning


def require_none_begun(visits: Iterable[NodeVisit]) -> None:
    """Refuse if a job has begun: its approvers would not all be asked again (I14). Raises Invalid.

    For sub-tickets call it after they have been withdrawn: only then the visits show whether their jobs have begun.
    """
    if any(visit.has_begun for visit in visits):
        message = _("A job has begun since that step. Return the ticket to the applicant, so that all are asked again.")
        raise Invalid([finding("to", "not_reachable", message)])


def close(walk: Walk, visits: Iterable[NodeVisit], outcome: str) -> list[str]:
    """Close these visits. Returns the nodes to come back to: theirs, and those that they would have come back to."""
    closing = sorted(visits, key=lambda visit: visit.pk or 0)
    for visit in closing:
        walk.close_visit(visit, outcome, state=CLOSED)
    return list(dict.fromkeys([visit.node for visit in closing] + [key for visit in closing for key in visit.reopen]))


def close_all(walk: Walk, outcome: str) -> list[str]:
    """Close all open visits and withdraw all open sub-tickets. Raises AlreadyRunning if a sub-ticket's job runs."""
    closed = close(walk, walk.open_visits(), outcome)
    withdraw_children(walk, walk.visits)
    return closed


def withdraw_children(walk: Walk, visits: Collection[NodeVisit]) -> None:
    """Withdraw the open sub-tickets of these visits at all depths, also below ended ones.

    Parents are locked before their children, which prevents deadlocks. Raises AlreadyRunning if a child's job runs: it
    must not be left running (I17), and nothing may be made a second time next to it (I14).
    """
    made_by = _by_id(visits)
    if not made_by:
        return
    has_children = Exists(NodeVisit.objects.filter(ticket=OuterRef("pk"), type="subticket"))
    concerned = Ticket.objects.filter(Q(finished_at__isnull=True) | has_children, parent_visit__in=made_by)
    for number in list(concerned.order_by("id").values_list("number", flat=True)):
        _withdraw(walk, lock(walk.at, walk.actor, number=number))
    mark_begun(walk, visits)


def _withdraw(parent: Walk, child: Walk) -> None:
    if child.ticket.state in FINAL:
        withdraw_children(child, child.visits)
    else:
        if any(visit.is_running for visit in child.open_visits()):
            number = {"number": child.ticket.number}
            raise AlreadyRunning(_("The job of sub-ticket %(number)s is running. Cancel that job first.") % number)
        close_all(child, "withdrawn")
        child.ticket.withdraw(at=child.at)
        child.record(Kind.TICKET_WITHDRAWN, comment="", parent=parent.ticket.number)
    child.save()


def mark_begun(walk: Walk, visits: Iterable[NodeVisit]) -> None:
    """Mark visits as begun if the job of one of their sub-tickets has begun (I14)."""
    made_by = _by_id(visits)
    begun = NodeVisit.objects.filter(ticket__parent_visit__in=made_by, started_at__isnull=False)
    for visit_id, first in begun.values_list("ticket__parent_visit").annotate(Min("started_at")):
        made_by[visit_id].started_at = first
        walk.changed(made_by[visit_id])


def _by_id(visits: Iterable[NodeVisit]) -> dict[int, NodeVisit]:
    """The visits of sub-ticket nodes that are stored, by id."""
    return {visit.pk: visit for visit in visits if visit.type == "subticket" and visit.pk is not None}
