"""The way a ticket would take through a program today: who would act, what would run, and why.

Used for "who will approve" before a ticket exists, for what is still to come, and to know which automation
nodes to plan. Pure: facts, applicant and organisation are handed in.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts.people import Person
from templates_engine.approvers import Organisation, Seating, found, seat_people
from templates_engine.expressions import ExpressionFailed, Expressions, Facts
from templates_engine.findings import Finding
from templates_engine.program import Program


@dataclass
class Step:
    """One node on the way. seating: who acts, for approval and confirm; told: who hears, for cc."""

    node: str
    type: str
    name: Any
    seating: Seating = field(default_factory=Seating)
    told: list[Person] = field(default_factory=list)


@dataclass(frozen=True)
class Rendered:
    """What an automation node asks for, with every expression evaluated."""

    action: str
    params: dict[str, Any]
    hosts: list[str]
    not_before: datetime | None


class Unplannable(Exception):
    """An expression on the way cannot be evaluated with these values.

    finding: which one. steps: the way up to there.
    """

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        self.steps: list[Step] = []
        super().__init__(finding.code)


def route(
    program: Program, facts: Facts, applicant: Person, organisation: Organisation, start: str | None = None
) -> list[Step]:
    """The steps from `start` (default: the beginning) to the end. Raises Unplannable."""
    steps: list[Step] = []
    key = start or program.start
    while key is not None:
        node = program.node(key)
        if node["type"] == "branch":
            try:
                key = taken_case(program, key, facts)["first"]
            except Unplannable as error:
                error.steps = steps
                raise
            continue
        step = Step(key, node["type"], node["name"])
        if node["type"] in ("approval", "confirm"):
            step.seating = seat_people(node, applicant, organisation)
        elif node["type"] == "cc":
            step.told = [seat.person for seat in found(node["to"], applicant, organisation)]
        steps.append(step)
        key = node["next"]
    return steps


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


def render(program: Program, key: str, facts: Facts) -> Rendered:
    """An automation node with every expression evaluated. Raises Unplannable."""
    node = program.node(key)
    expressions = program.expressions
    params = {
        name: _value(expressions, source, facts, f"chain.{key}.params.{name}")
        for name, source in node.get("params", {}).items()
    }
    hosts = _value(expressions, node["targets"], facts, f"chain.{key}.targets") if "targets" in node else []
    moment = node.get("at")
    not_before = None
    if moment is not None and not _reads_empty(moment, program, facts):
        not_before = _value(expressions, moment, facts, f"chain.{key}.at")
    return Rendered(node["action"], params, hosts, not_before)


def _reads_empty(source: str, program: Program, facts: Facts) -> bool:
    """Whether the expression is just a field that was left empty: then the node runs at once."""
    prefix, _dot, name = source.strip().partition(".")
    return prefix == "form" and name in program.expressions.fields and name not in facts.form


def _value(expressions: Expressions, source: Any, facts: Facts, path: str) -> Any:
    if not isinstance(source, str):
        return source
    try:
        return expressions.evaluate(source, facts)
    except ExpressionFailed as error:
        raise Unplannable(Finding("expression_failed", path, {"problem": str(error)})) from error
