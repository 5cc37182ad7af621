"""The way a ticket would take through a program today: who would act, what would run, and why.

Used for "who will approve" before a ticket exists, for what is still to come, and to know which nodes to plan.
Pure: facts, applicant and organisation are handed in.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from accounts.people import Person
from templates_engine.approvers import Circumstances, Organisation, Seating, found, has_rule, know, seat_people
from templates_engine.expressions import ExpressionFailed, Facts
from templates_engine.findings import Finding
from templates_engine.foresight import foresee
from templates_engine.program import Program
from templates_engine.rendering import Rendered, Unplannable, render, render_children, render_webhook, wait_until
from templates_engine.steps import Step

__all__ = [
    "Rendered", "Step", "Unplannable",
    "render", "render_children", "render_webhook", "route", "taken_case", "wait_until",
]  # fmt: skip


def route(
    program: Program,
    facts: Facts,
    applicant: Person,
    organisation: Organisation,
    start: str | None = None,
    *,
    chosen: Mapping[str, list[str]] | None = None,
    barred: frozenset[int] = frozenset(),
) -> list[Step]:
    """The steps from `start` (default: the beginning) to the end, in the order of the document.

    A fork is a step of its own, followed by those of its branches; from a `start` inside a branch, the sibling
    branches are left out. Raises Unplannable.
    """
    asked = Circumstances(applicant, organisation, facts, program.expressions, chosen or {}, barred)
    nodes: list[dict[str, Any]] = []
    try:
        nodes.extend(_follow(program, facts, start or program.start, None))
    except Unplannable as error:
        error.steps = _steps(program, nodes, asked)
        raise
    return _steps(program, nodes, asked)


def _steps(program: Program, nodes: list[dict[str, Any]], asked: Circumstances) -> list[Step]:
    """The nodes with their people, who are all looked up at once."""
    know(((rule, node["key"]) for node in nodes for rule in _rules(node)), asked)
    steps = [_step(program, node, asked) for node in nodes]
    foresee(program, steps)
    return steps


def _rules(node: dict[str, Any]) -> list[dict[str, Any]]:
    return node.get("approvers") or node.get("assignees") or node.get("to") or []


def way(program: Program, facts: Facts) -> list[Step]:
    """The same steps without their people: what will be done, not who does it. Raises Unplannable."""
    return [_station(program, node) for node in _follow(program, facts, program.start, None)]


def _follow(program: Program, facts: Facts, key: str | None, end: str | None) -> Iterator[dict[str, Any]]:
    """The nodes from `key` until just before `end`, branches and joins left out."""
    while key is not None and key != end:
        node = program.node(key)
        if node["type"] == "branch":
            key = taken_case(program, key, facts)["first"]
            continue
        if node["type"] != "join":
            yield node
        for branch in node.get("branches", []):
            yield from _follow(program, facts, branch["first"], node["next"])
        key = node["next"]


def _station(program: Program, node: dict[str, Any]) -> Step:
    choose = node["type"] in ("approval", "confirm") and has_rule(node, "chosen_by")
    return Step(node["key"], node["type"], node["name"], within=program.within(node["key"]), choose=choose)


def _step(program: Program, node: dict[str, Any], asked: Circumstances) -> Step:
    step = _station(program, node)
    if node["type"] in ("approval", "confirm"):
        step.is_undecided = step.choose and not asked.chosen.get(step.node)
        step.seating = _seated_besides(node, asked) if step.is_undecided else seat_people(node, asked)
    elif node["type"] == "cc":
        step.told = [seat.person for seat in found(node["to"], asked)]
    return step


def _seated_besides(node: dict[str, Any], asked: Circumstances) -> Seating:
    """Who sits beside those that the applicant has yet to choose; that those lack is no reason to escalate."""
    rules = node.get("approvers") or node["assignees"]
    others = [rule for rule in rules if "chosen_by" not in rule]
    return seat_people({**node, "approvers": others}, asked) if others else Seating()


def taken_case(program: Program, key: str, facts: Facts) -> dict[str, Any]:
    """The first case of a branch that is true. Raises Unplannable."""
    for index, case in enumerate(program.node(key)["cases"]):
        if case["when"] is None:
            return case
        path = f"chain.{key}.cases[{index}].when"
        try:
            if program.expressions.condition(case["when"], facts):
                return case
        except ExpressionFailed as error:
            raise Unplannable(Finding("expression_failed", path, {"problem": str(error)})) from error
    raise Unplannable(Finding("no_otherwise", f"chain.{key}"))  # the check refuses such a branch
