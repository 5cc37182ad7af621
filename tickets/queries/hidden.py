"""Which fields may this person not see? `hidden_at`, on every read path (I23)."""

from collections.abc import Collection, Iterable
from typing import Any

from accounts.models import User
from templates_engine.program import Program
from tickets.models import ApprovalTask, Ticket

MASK = "•••"


def hidden_fields(
    program: Program, ticket: Ticket, user: User, tasks: Iterable[ApprovalTask], seats: Collection[int]
) -> frozenset[str]:
    """The keys of the fields hidden from this person.

    The applicant and administrators see everything. An approver sees what one of his nodes shows; whoever only
    reads along sees nothing that any node hides. seats: whom this person decides for.
    """
    hidden_at = {field["key"]: set(field["hidden_at"]) for field in program.form if field.get("hidden_at")}
    if not hidden_at or user.is_admin or ticket.applicant_id == user.pk:
        return frozenset()
    mine = {task.visit.node for task in tasks if task.assignee_id in seats or task.decided_by_id == user.pk}
    return frozenset(key for key, nodes in hidden_at.items() if mine <= nodes)


def shown_form(form: dict[str, Any], hidden: Collection[str]) -> dict[str, Any]:
    """The values without the hidden ones."""
    return {key: value for key, value in form.items() if key not in hidden}


def shown_plan(plan: dict[str, Any], node: dict[str, Any], hidden: Collection[str]) -> dict[str, Any]:
    """A plan without what it took from hidden fields; its digest stays what it is."""
    masked = {
        name
        for name, source in node.get("params", {}).items()
        if isinstance(source, str) and any(f"form.{key}" in source for key in hidden)
    }
    if not masked:
        return plan
    params = {name: MASK if name in masked else value for name, value in plan["params"].items()}
    return {**plan, "params": params, "command": []}


def shown_event(data: dict[str, Any], hidden: Collection[str]) -> dict[str, Any]:
    """An event's data without hidden values."""
    if not hidden:
        return data
    shown = {key: value for key, value in data.items() if key != "body"}
    if "diff" in shown:
        shown["diff"] = [change for change in shown["diff"] if change["field"] not in hidden]
    return shown
