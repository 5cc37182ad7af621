"""What a person may do with a task: the rules alone, shared by `decide`, by the buttons of the page and of the card."""

from typing import Any, Literal

from tickets.models import ApprovalTask, Ticket

Verb = Literal["approve", "confirm", "return", "veto"]
VERBS: dict[str, tuple[Verb, ...]] = {
    "approval": ("approve", "return", "veto"),
    "confirm": ("confirm", "return"),
}


def verbs_of(task: ApprovalTask, ticket: Ticket) -> tuple[Verb, ...]:
    """The verbs that this task's node knows; the applicant cannot return his own ticket to himself."""
    verbs = VERBS[task.visit.type]
    return tuple(verb for verb in verbs if verb != "return") if task.assignee_id == ticket.applicant_id else verbs


def decides_about_himself(task: ApprovalTask, ticket: Ticket, node: dict[str, Any], actor_id: int) -> bool:
    """Whether this would be the applicant approving his own ticket (I3).

    Also as somebody's proxy, as administrator, or seated by a changed role; only `on_self: allow` lets him, on
    his own seat. A confirmation is no approval.
    """
    if node["type"] != "approval" or actor_id != ticket.applicant_id:
        return False
    return task.assignee_id != actor_id or node.get("on_self") != "allow"
