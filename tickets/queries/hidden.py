"""Which fields may this person not see? `hidden_at`, on every read path (I23)."""

import re
from collections.abc import Collection, Iterable
from typing import Any

from accounts.models import User
from templates_engine.program import Program
from tickets.models import ApprovalTask, Ticket
from tickets.models.content import Target

MASK = "•••"
WITHHELD = frozenset({"body", "hosts"})  # of events: what was sent, and to which hosts
_WORD = re.compile(r"\w+")


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


def tells(source: Any, hidden: Collection[str]) -> bool:
    """Whether an expression names a hidden field; where that is in doubt, it does (I26)."""
    return isinstance(source, str) and any(word in hidden for word in _WORD.findall(source))


def runs_with(node: dict[str, Any], hidden: Collection[str]) -> bool:
    """Whether hidden values are among what an automation runs with, so that its output may show them."""
    return any(tells(source, hidden) for source in (node.get("targets"), *node.get("params", {}).values()))


def shown_plan(plan: dict[str, Any], node: dict[str, Any], hidden: Collection[str]) -> dict[str, Any]:
    """A plan without what it took from hidden fields; its digest stays what it is."""
    masked = {name for name, source in node.get("params", {}).items() if tells(source, hidden)}
    shown: dict[str, Any] = {}
    if masked:
        shown["params"] = {name: MASK if name in masked else value for name, value in plan["params"].items()}
        shown["command"] = []
    if tells(node.get("targets"), hidden):
        shown |= {"targets": [Target(name=MASK, address=MASK, connection=MASK)], "summary": MASK}
    if tells(node.get("at"), hidden):
        shown["not_before"] = None
    return {**plan, **{key: value for key, value in shown.items() if key in plan}}


def shown_results(hosts: list[dict[str, Any]], node: dict[str, Any], hidden: Collection[str]) -> list[dict[str, Any]]:
    """How a run went on each host, as far as that does not tell what it ran with."""
    if tells(node.get("targets"), hidden):
        return []
    return [{**host, "message": ""} for host in hosts] if runs_with(node, hidden) else hosts


def shown_event(data: dict[str, Any], hidden: Collection[str], titled: Collection[str]) -> dict[str, Any]:
    """An event's data without hidden values, and without the titles of sub-tickets that are not `titled`."""
    shown = {key: value for key, value in data.items() if not hidden or key not in WITHHELD}
    if "children" in shown:
        shown["children"] = [{**c, "title": c["title"] if c["number"] in titled else None} for c in shown["children"]]
    if "diff" in shown:
        shown["diff"] = [change for change in shown["diff"] if change["field"] not in hidden]
    return shown
