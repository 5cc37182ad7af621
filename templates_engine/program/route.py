"""The path that a ticket would take through a program today: who would act, what would run, and why.

Used for "who will approve" before a ticket exists, for the steps still to come, and to find the nodes to plan.
Pure: facts, applicant and organisation are arguments.
"""

from collections.abc import Iterator, Mapping

from accounts.organisation.people import Person
from templates_engine.approvers import Circumstances, Organisation, Seating, found, has_rule, know, seat_people
from templates_engine.findings.finding import Finding
from templates_engine.language.expressions import ExpressionFailed, Facts
from templates_engine.parts import Case, Node, Rule
from templates_engine.program.predicted_dedup import predict_dedup
from templates_engine.program.program import Program
from templates_engine.program.rendering import (
    Rendered,
    Unplannable,
    render,
    render_children,
    render_webhook,
    wait_until,
)
from templates_engine.program.steps import Step

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
    """The steps from `start` (default: the first node) to the end, in the order of the document.

    A fork is a step of its own, followed by the steps of its branches. With a `start` inside a branch, the sibling
    branches are left out. Raises Unplannable.
    """
    asked = Circumstances(applicant, organisation, facts, program.expressions, chosen or {}, barred)
    nodes: list[Node] = []
    try:
        nodes.extend(_follow(program, facts, start or program.start, None))
    except Unplannable as error:
        error.steps = _steps(program, nodes, asked)
        raise
    return _steps(program, nodes, asked)


def _steps(program: Program, nodes: list[Node], asked: Circumstances) -> list[Step]:
    """The nodes with their people, which are loaded in one go."""
    know(((rule, node["key"]) for node in nodes for rule in _rules(node)), asked)
    steps = [_step(program, node, asked) for node in nodes]
    predict_dedup(program, steps)
    return steps


def _rules(node: Node) -> list[Rule]:
    return node.get("approvers") or node.get("assignees") or node.get("to") or []


def way(program: Program, facts: Facts) -> list[Step]:
    """The steps without people: what will be done, not who does it. Raises Unplannable."""
    return [_station(program, node) for node in _follow(program, facts, program.start, None)]


def _follow(program: Program, facts: Facts, key: str | None, end: str | None) -> Iterator[Node]:
    """The nodes from `key` up to `end` (excluded), without branches and joins."""
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


def _station(program: Program, node: Node) -> Step:
    choose = node["type"] in ("approval", "confirm") and has_rule(node, "chosen_by")
    return Step(node["key"], node["type"], node["name"], within=program.within(node["key"]), choose=choose)


def _step(program: Program, node: Node, asked: Circumstances) -> Step:
    step = _station(program, node)
    if node["type"] in ("approval", "confirm"):
        step.is_undecided = step.choose and not asked.chosen.get(step.node)
        step.seating = _seated_besides(node, asked) if step.is_undecided else seat_people(node, asked)
    elif node["type"] == "cc":
        step.told = [seat.person for seat in found(node["to"], asked)]
    return step


def _seated_besides(node: Node, asked: Circumstances) -> Seating:
    """The assignees besides those that the applicant has yet to choose; the missing choice does not escalate."""
    rules = node.get("approvers") or node["assignees"]
    others = [rule for rule in rules if "chosen_by" not in rule]
    return seat_people({**node, "approvers": others}, asked) if others else Seating()


def taken_case(program: Program, key: str, facts: Facts) -> Case:
    """The first true case of a branch. Raises Unplannable."""
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
