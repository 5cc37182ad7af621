"""One task as the API answers it, with the verbs its reader may use now."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from templates_engine.program import load
from templates_engine.text import localize
from tickets.models import ApprovalTask, NodeVisit, Ticket
from tickets.queries.moved import moved_by
from tickets.returns import return_targets
from tickets.rights import decides_about_himself, removable, signed_here, verbs_of
from tickets.states import TaskState


@dataclass(frozen=True)
class Reader:
    """Who reads. seats: the people whose tasks he may decide, himself included. moved: see queries.moved."""

    user: User
    seats: Collection[int]
    moved: Collection[tuple[int, str, int]] = ()


def reader_of(user: User, seats: Collection[int], tasks: Iterable[ApprovalTask]) -> Reader:
    """A reader of these tasks; one statement where pending seats of others are among them that he may fill."""
    fillable = (task for task in tasks if task.state == TaskState.PENDING and task.assignee_id in seats)
    return Reader(user, seats, moved_by(user, fillable))


def task_row(
    task: ApprovalTask, ticket: Ticket, siblings: Collection[ApprovalTask], visits: Collection[NodeVisit], by: Reader
) -> dict[str, Any]:
    """One task; `reason` in the caller's language. A pending one shows the digest that a decision now would sign.

    acting_for: whose seat it is, where the reader fills it as a proxy. signed: he has signed at this step already.
    siblings: all tasks of its visit. visits: all visits of the ticket, for where it may be returned to.
    """
    current = ticket.content.digest if ticket.content else ""
    verbs = allowed_verbs(task, ticket, siblings, by)
    return {
        "id": task.pk,
        "node": task.visit.node,
        "round": task.visit.round,
        "assignee": task.assignee.username,
        "reason": localize(task.reason),
        "state": task.state,
        "decided_by": task.decided_by.username if task.decided_by else None,
        "on_behalf_of": task.assignee.username if task.on_behalf_of_id else None,
        "channel": task.channel or None,
        "comment": task.comment,
        "created_at": task.created_at,
        "due_at": task.due_at,
        "decided_at": task.decided_at,
        "digest": task.digest or current,
        "added_to": task.added_to_id,
        "position": task.position,
        "acting_for": task.assignee.username if _acts_for(task, by) else None,
        "signed": bool(verbs) and task.visit.type == "approval" and has_signed(task, siblings, by),
        "allowed_actions": list(verbs),
        "return_to": _return_to(task, ticket, visits) if "return" in verbs else [],
        "removable": removable(task, siblings) if "remove_sign" in verbs else [],
        "editable": _editable(task, ticket) if verbs else [],
    }


def allowed_verbs(
    task: ApprovalTask, ticket: Ticket, siblings: Collection[ApprovalTask], by: Reader
) -> tuple[str, ...]:
    """What this person may do with this task now: the same rules as the commands'."""
    if task.state != TaskState.PENDING or task.assignee_id not in by.seats:
        return ()
    node = load(ticket.template_version_id).node(task.visit.node)
    if _acts_for(task, by) and (task.ticket_id, task.visit.node, task.visit.round) in by.moved:
        return ()
    if decides_about_himself(task, ticket, node, by.user.pk):
        return ()
    signed = has_signed(task, siblings, by)
    return tuple(verb for verb in verbs_of(task, ticket, siblings) if verb != "approve" or not signed)


def has_signed(task: ApprovalTask, siblings: Collection[ApprovalTask], by: Reader) -> bool:
    """Whether this person counts at the task's visit already, so that a yes must come from somebody else (I4)."""
    return by.user.username in signed_here(task.visit, siblings)


def _acts_for(task: ApprovalTask, by: Reader) -> bool:
    """Whether it is somebody else's seat that this person may fill."""
    return task.assignee_id != by.user.pk and task.assignee_id in by.seats


def _return_to(task: ApprovalTask, ticket: Ticket, visits: Iterable[NodeVisit]) -> list[dict[str, Any]]:
    if ticket.content is None:
        return []
    program = load(ticket.template_version_id)
    targets = return_targets(program, ticket.content, list(visits), task.visit.node)
    return [{"node": key, "name": program.node(key)["name"]} for key in targets]


def _editable(task: ApprovalTask, ticket: Ticket) -> list[str]:
    form = load(ticket.template_version_id).form
    return [field["key"] for field in form if task.visit.node in field.get("editable_at", ())]
