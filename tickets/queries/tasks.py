"""One task as the API returns it, with the verbs possible for its reader now."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from accounts.models import User
from templates_engine.store.programs import load
from templates_engine.text import localize
from tickets.models import ApprovalTask, NodeVisit, Ticket
from tickets.queries.standing_in import moved_by
from tickets.rules.returns import return_targets
from tickets.rules.rights import Reader, Rows, has_signed, removable, verbs_of
from tickets.rules.votes import tasks_of
from tickets.states import TaskState


def reader_of(user: User, seats: Collection[int], tasks: Iterable[ApprovalTask]) -> Reader:
    """A reader of these tasks; one statement if they include pending tasks of others that this person may decide."""
    fillable = (task for task in tasks if task.state == TaskState.PENDING and task.assignee_id in seats)
    return Reader(user, seats, moved_by(user, fillable))


def task_row(task: ApprovalTask, ticket: Ticket, rows: Rows, by: Reader) -> dict[str, Any]:
    """One task; `reason` is in the caller's language. A pending task shows the digest that a decision would sign now.

    acting_for: the assignee, if the reader acts as a proxy. signed: the reader has already signed at this step.
    rows: the ticket's visits and tasks.
    """
    current = ticket.content.digest if ticket.content else ""
    verbs = verbs_of(task, ticket, rows, by)
    siblings = tasks_of(task.visit, rows[1]) if verbs else []
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
        "acting_for": task.assignee.username if by.acts_for(task) else None,
        "signed": bool(verbs) and task.visit.type == "approval" and has_signed(by.user, task.visit, siblings),
        "allowed_actions": list(verbs),
        "return_to": _return_to(task, ticket, rows[0]) if "return" in verbs else [],
        "removable": removable(task, siblings) if "remove_sign" in verbs else [],
        "editable": _editable(task, ticket) if verbs else [],
    }


def _return_to(task: ApprovalTask, ticket: Ticket, visits: Sequence[NodeVisit]) -> list[dict[str, Any]]:
    if ticket.content is None:
        return []
    program = load(ticket.template_version_id)
    targets = return_targets(program, ticket.content, visits, task.visit.node)
    return [{"node": key, "name": program.node(key)["name"]} for key in targets]


def _editable(task: ApprovalTask, ticket: Ticket) -> list[str]:
    form = load(ticket.template_version_id).form
    return [field["key"] for field in form if task.visit.node in field.get("editable_at", ())]
