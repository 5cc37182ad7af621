"""What both sides must agree on after every step, and invariants of the real rows."""

from typing import Any

from tests.model.model import Model
from tests.model.parts import FINAL
from tickets.audit.verify import verify
from tickets.models import ApprovalTask, NodeVisit, Ticket
from tickets.queries.stuck import stuck_tickets

SILENT = ("parallel", "join")  # tokens not shown to users


def of_model(model: Model) -> dict[str, Any]:
    """The state, the open nodes, the pending seats, and the number of contents."""
    return {
        "state": model.state,
        "content": model.content,
        "open": {(visit.node, visit.round) for visit in model.opened() if visit.type not in SILENT},
        "pending": {(visit.node, visit.round, seat.who) for visit, seat in model.seats()},
    }


def of_engine(ticket: Ticket) -> dict[str, Any]:
    """The same from the database rows."""
    now = Ticket.objects.select_related("content").get(pk=ticket.pk)
    opened = NodeVisit.objects.filter(ticket=now, state="open").exclude(type__in=SILENT)
    pending = ApprovalTask.objects.filter(ticket=now, state="pending")
    return {
        "state": now.state,
        "content": now.content.number,
        "open": set(opened.values_list("node", "round")),
        "pending": set(pending.values_list("visit__node", "visit__round", "assignee__username")),
    }


def require_invariants(ticket: Ticket, model: Model) -> None:
    """Check the invariants of the rows."""
    now = Ticket.objects.get(pk=ticket.pk)
    tasks = list(ApprovalTask.objects.filter(ticket=now).select_related("visit", "assignee", "decided_by"))
    pending = [task for task in tasks if task.state == "pending"]
    assert now.template_version_id == ticket.template_version_id, "I09: another version"
    assert all(task.visit.state == "open" for task in pending), "I08: a task of a closed node waits"
    signed = [(task.visit_id, task.decided_by_id) for task in tasks if task.state == "approved" and task.decided_by_id]
    assert len(signed) == len(set(signed)), "I04: somebody decided twice in a visit"
    seated = [(task.visit_id, task.assignee_id) for task in tasks if task.state in ("pending", "approved", "confirmed")]
    assert len(seated) == len(set(seated)), "I04: somebody sits twice in a visit"
    allowed = {node["node"] for node in _nodes(model) if node.get("on_self") == "allow"}
    own = [task.visit.node for task in tasks if task.state == "approved" and task.decided_by_id == now.applicant_id]
    assert set(own) <= allowed, "I03: the applicant signed"
    if now.state in FINAL:
        assert not NodeVisit.objects.filter(ticket=now, state="open").exists(), "I08: a final ticket has an open node"
    assert stuck_tickets(Ticket.objects.filter(pk=now.pk)).exists() == model.blocked(), "I10: the guardian's list"


def require_whole(ticket: Ticket) -> None:
    """I07: the trail verifies, and the stored state follows from it."""
    assert [str(found) for found in verify([Ticket.objects.get(pk=ticket.pk)])] == []


def _nodes(model: Model) -> list[dict[str, Any]]:
    return [place.node for place in model.tree.places.values()]
