"""What a person may do with a task: the rules alone, shared by the commands, by the buttons of page and card."""

from collections.abc import Collection
from typing import Any, Literal

from tickets.models import ApprovalTask, NodeVisit, Ticket
from tickets.quorum import complete
from tickets.seats import NO_SEAT, votes
from tickets.states import TaskState

Verb = Literal["approve", "confirm", "return", "veto"]
VERBS: dict[str, tuple[str, ...]] = {
    "approval": ("approve", "return", "veto", "transfer", "add_sign", "remove_sign"),
    "confirm": ("confirm", "return", "transfer"),
}


def verbs_of(task: ApprovalTask, ticket: Ticket, seats: Collection[ApprovalTask]) -> tuple[str, ...]:
    """The verbs that this task's node knows now. seats: the tasks of its visit.

    The applicant cannot return his own ticket to himself. Whoever asked for a signature before his own waits for it.
    """
    verbs = list(VERBS[task.visit.type])
    if task.assignee_id == ticket.applicant_id:
        verbs.remove("return")
    if "approve" in verbs and waits_for_others(task, seats):
        verbs.remove("approve")
    if "remove_sign" in verbs and not removable(task, seats):
        verbs.remove("remove_sign")
    return tuple(verbs)


def waits_for_others(task: ApprovalTask, seats: Collection[ApprovalTask]) -> bool:
    """Whether signatures that this person wanted before his own are still missing."""
    asked = [seat for seat in seats if seat.state not in NO_SEAT]
    done = complete(votes(asked, task.visit))
    return any(seat.added_to_id == task.pk and seat.position == "before" and id(seat) not in done for seat in asked)


def signed_here(visit: NodeVisit, seats: Collection[ApprovalTask]) -> set[str]:
    """Who has decided at this visit, on whichever seat, or was passed because he had signed before (I4)."""
    return {task.decided_by.username for task in seats if task.decided_by and task.state not in NO_SEAT} | {
        *visit.passed
    }


def taking_part(visit: NodeVisit, seats: Collection[ApprovalTask]) -> set[str]:
    """Who takes no other seat at this visit (I4): who sits, waits in the queue, or has signed. seats: its tasks."""
    sitting = {task.assignee.username for task in seats if task.state not in NO_SEAT}
    return sitting | {entry["username"] for entry in visit.queue} | signed_here(visit, seats)


def removable(task: ApprovalTask, seats: Collection[ApprovalTask]) -> list[str]:
    """The usernames of those whose signature was added to this seat and who have not signed yet."""
    asked = [
        seat.assignee.username for seat in seats if seat.added_to_id == task.pk and seat.state == TaskState.PENDING
    ]
    later = [entry["username"] for entry in task.visit.queue if entry.get("after") == task.assignee.username]
    return [*asked, *later]


def decides_about_himself(task: ApprovalTask, ticket: Ticket, node: dict[str, Any], actor_id: int) -> bool:
    """Whether this would be somebody approving what he himself asks for or has changed (I3).

    Also as somebody's proxy, as administrator, or seated by a changed role; only `on_self: allow` lets the applicant,
    on his own seat. A confirmation is no approval.
    """
    if node["type"] != "approval":
        return False
    if ticket.content is not None and actor_id in ticket.content.facts.get("editors", ()):
        return True
    if actor_id != ticket.applicant_id:
        return False
    return task.assignee_id != actor_id or node.get("on_self") != "allow"
