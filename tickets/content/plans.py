"""The plans of a ticket's automation nodes, rendered before approval (I15)."""

from collections.abc import Iterable, Sequence
from typing import Any

from common.errors import Problem
from templates_engine.language.expressions import Facts
from templates_engine.nodes.rules import SINGLE_FIELD
from templates_engine.nodes.runs import steps_of, way_back
from templates_engine.program.program import Program
from templates_engine.program.rendering import Unplannable, render
from templates_engine.program.route import Step, way
from tickets.errors import PlanRefused
from tickets.models.content import Plan
from tickets.ports import planner


def plans_on(program: Program, facts: Facts, steps: Iterable[Step]) -> dict[str, Plan]:
    """The plan of every automation node among these steps. Raises Unplannable, and PlanRefused with all problems."""
    plans: dict[str, Plan] = {}
    problems: list[Problem] = []
    for step in steps:
        if step.type != "automation":
            continue
        asked = render(program, step.node, facts)
        try:
            plans[step.node] = planner().plan(
                node=step.node, action=asked.action, params=asked.params, hosts=asked.hosts,
                not_before=asked.not_before, batch=asked.batch, on_failure=asked.on_failure or "stop",
                applicant=facts.applicant,
                dry_run=asked.dry_run,
                stages=asked.stages, rollback=asked.rollback,
            )  # fmt: skip
        except PlanRefused as refused:
            problems += [blamed_field(finding, program) for finding in refused.errors or []]
    if problems:
        raise PlanRefused(problems)
    return plans


def preview_plans(program: Program, facts: Facts) -> tuple[list[dict[str, Any]], Sequence[Problem]]:
    """Return (plans that would run with these values, with their descriptions; findings if no plan can be made)."""
    try:
        plans = plans_on(program, facts, way(program, facts))
    except Unplannable as error:
        return [], [error.finding.render()]
    except PlanRefused as refused:
        return [], refused.errors or []
    return [{**plan, **planner().describe(plan)} for plan in plans.values()], []


def blamed_field(finding: Problem, program: Program) -> Problem:
    """The planner's finding with its path moved to the form field, if the node uses the field's value unchanged."""
    _plans, key, place = finding["path"].split(".", 2) if finding["path"].count(".") > 1 else ("", "", "")
    node = program.nodes.get(key)
    if node is None:
        return finding
    steps = [(path.removeprefix("."), step) for path, step in steps_of(node)]
    if back := way_back(node):
        steps.append(("rollback", back))
    sources = {
        f"{path}.params.{name}".removeprefix("."): source
        for path, step in steps
        for name, source in step.get("params", {}).items()
    }
    for prefix, source in (sources | {"targets": node.get("targets")}).items():
        whole = place == prefix or place.startswith((f"{prefix}[", f"{prefix}."))
        if whole and isinstance(source, str) and SINGLE_FIELD.fullmatch(source):
            return {**finding, "path": source + place.removeprefix(prefix)}
    return finding
