"""Fields hidden from a person by `hidden_at`; every read path uses this (I23)."""

import re
from collections.abc import Collection, Iterable
from typing import Any

from accounts.models import User
from templates_engine.nodes.runs import sources_of, steps_of, way_back
from templates_engine.parts import Node, Step
from templates_engine.program.program import Program
from tickets.models import ApprovalTask, Ticket
from tickets.models.content import Target

MASK = "•••"
# Event data withheld: request bodies, hosts, values passed between stages, and dry run results.
WITHHELD = frozenset({"body", "hosts", "stages", "summary", "words"})
_WORD = re.compile(r"\w+")


def hidden_fields(
    program: Program, ticket: Ticket, user: User, tasks: Iterable[ApprovalTask], seats: Collection[int]
) -> frozenset[str]:
    """The keys of the fields hidden from this person.

    The applicant and administrators see everything. Approvers see what at least one of their nodes shows; other readers
    see nothing that any node hides. seats: ids of the people whose tasks this person may decide.
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
    """Whether an expression names a hidden field; in doubt, yes (I26)."""
    return isinstance(source, str) and any(word in hidden for word in _WORD.findall(source))


def runs_with(node: Node, hidden: Collection[str]) -> bool:
    """Whether an automation runs with hidden values, so that its output may show them."""
    return any(tells(source, hidden) for source in sources_of(node))


def shown_plan(plan: dict[str, Any], node: Node, hidden: Collection[str]) -> dict[str, Any]:
    """A plan without values from hidden fields; its digest stays."""
    shown: dict[str, Any] = {}
    steps = [step for _path, step in steps_of(node)]
    back = way_back(node)
    if any(
        tells(source, hidden)
        for step in (*steps, *([back] if back else []))
        for source in step.get("params", {}).values()
    ):
        shown["params"] = _masked(plan["params"], steps[0], hidden)
        shown["command"] = []
        if plan.get("health_check"):
            shown["health_check"] = _all_masked(plan["health_check"])
        if plan.get("stages"):
            pairs = zip(plan["stages"], steps, strict=False)
            shown["stages"] = [_masked_step(stage, step, hidden) for stage, step in pairs]
        if plan.get("back"):
            shown["back"] = {**plan["back"], "command": []}
        if plan.get("checks"):
            shown["checks"] = [{**check, "command": []} for check in plan["checks"]]
        if plan.get("rollback"):
            # `previous` rolls back with the parameters of another action, so their names do not tell the source.
            back_step = plan["rollback"]
            shown["rollback"] = _masked_step(back_step, back, hidden) if back else _all_masked(back_step)
    if tells(node.get("targets"), hidden):
        shown |= {"targets": [Target(name=MASK, address=MASK, connection=MASK)], "summary": MASK}
    if tells(node.get("at"), hidden):
        shown["not_before"] = None
    return {**plan, **{key: value for key, value in shown.items() if key in plan}}


def _masked_step(step: dict[str, Any], asked: Step | Node, hidden: Collection[str]) -> dict[str, Any]:
    """A step of a plan without values from hidden fields. asked: the step as written in the template."""
    shown = {**step, "params": _masked(step["params"], asked, hidden)}
    return shown | ({"health_check": _all_masked(step["health_check"])} if "health_check" in step else {})


def _all_masked(step: dict[str, Any]) -> dict[str, Any]:
    """Mask all values of a step: they have the parameter names of another action, so their sources are unknown."""
    shown = {**step, "params": dict.fromkeys(step["params"], MASK)}
    return shown | ({"health_check": _all_masked(step["health_check"])} if "health_check" in step else {})


def _masked(params: dict[str, Any], step: Step | Node, hidden: Collection[str]) -> dict[str, Any]:
    sources = step.get("params", {})
    return {name: MASK if tells(sources.get(name), hidden) else value for name, value in params.items()}


def shown_results(hosts: list[dict[str, Any]], node: Node, hidden: Collection[str]) -> list[dict[str, Any]]:
    """The results per host, as far as they show no hidden values."""
    if tells(node.get("targets"), hidden):
        return []
    return [{**host, "message": ""} for host in hosts] if runs_with(node, hidden) else hosts


def shown_event(data: dict[str, Any], hidden: Collection[str], titled: Collection[str]) -> dict[str, Any]:
    """An event's data without hidden values, and without titles of sub-tickets that are not in `titled`."""
    shown = {key: value for key, value in data.items() if not hidden or key not in WITHHELD}
    if "children" in shown:
        shown["children"] = [{**c, "title": c["title"] if c["number"] in titled else None} for c in shown["children"]]
    if "diff" in shown:
        shown["diff"] = [change for change in shown["diff"] if change["field"] not in hidden]
    return shown
