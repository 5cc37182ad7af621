"""The plans of a ticket's automation nodes, rendered before anybody approves them (I15)."""

from collections.abc import Iterable
from typing import Any

from templates_engine.expressions import Facts
from templates_engine.nodes.rules import SINGLE_FIELD
from templates_engine.program import Program
from templates_engine.rendering import Unplannable, render
from templates_engine.route import Step, way
from tickets.errors import PlanRefused
from tickets.models.content import Plan
from tickets.ports import planner


def plans_on(program: Program, facts: Facts, steps: Iterable[Step]) -> dict[str, Plan]:
    """The plan of every automation node among these steps. Raises Unplannable, and PlanRefused with every problem."""
    plans: dict[str, Plan] = {}
    problems: list[dict[str, Any]] = []
    for step in steps:
        if step.type != "automation":
            continue
        asked = render(program, step.node, facts)
        try:
            plans[step.node] = planner().plan(
                node=step.node, action=asked.action, params=asked.params, hosts=asked.hosts,
                not_before=asked.not_before, batch=asked.batch, on_failure=asked.on_failure or "stop",
            )  # fmt: skip
        except PlanRefused as refused:
            problems += [blamed_field(finding, program) for finding in refused.errors or []]
    if problems:
        raise PlanRefused(problems)
    return plans


def preview_plans(program: Program, facts: Facts) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(what would run with these values, as people read it; what an action would refuse, as findings)."""
    try:
        plans = plans_on(program, facts, way(program, facts))
    except Unplannable as error:
        return [], [error.finding.render()]
    except PlanRefused as refused:
        return [], refused.errors or []
    return [{**plan, **planner().describe(plan)} for plan in plans.values()], []


def blamed_field(finding: dict[str, Any], program: Program) -> dict[str, Any]:
    """A planner's finding at the form field that it is about, where the node takes that field as it is."""
    _plans, key, place = finding["path"].split(".", 2) if finding["path"].count(".") > 1 else ("", "", "")
    node = program.nodes.get(key, {})
    sources = {f"params.{name}": source for name, source in node.get("params", {}).items()}
    for prefix, source in (sources | {"targets": node.get("targets")}).items():
        whole = place == prefix or place.startswith((f"{prefix}[", f"{prefix}."))
        if whole and isinstance(source, str) and SINGLE_FIELD.fullmatch(source):
            return {**finding, "path": source + place.removeprefix(prefix)}
    return finding
