"""Predicts `dedup`: people who will surely have approved before are not asked again, in the preview as at run time."""

from collections.abc import Iterable

from accounts.organisation.people import Person
from templates_engine.approvers import Seating
from templates_engine.approvers.modes import needed
from templates_engine.program.program import Program
from templates_engine.program.steps import Step
from templates_engine.text import Text, both


def signed_already(people: Iterable[Person]) -> Text:
    """The reason why these people are not asked."""
    names = [person.username for person in people]
    return both(
        f"{'、'.join(names)} 已经审批过同样的内容", f"already approved by {', '.join(names)}, with the same content"
    )


def predict_dedup(program: Program, steps: Iterable[Step]) -> None:
    """Remove the seats that `dedup` will pass.

    If only some of several people need to approve, it is unknown who will; then all are shown as asked.
    """
    given: list[tuple[Step, set[int]]] = []  # the approvals before, with the people who will surely approve there
    for step in steps:
        if step.type != "approval" or not step.seating.seats:
            continue
        node = program.node(step.node)
        seats = step.seating.seats
        signed = _signers(step, given, node["dedup"])
        before = [seat.person for seat in seats if seat.person.id in signed]
        if before and len(before) >= needed(node["mode"], len(seats)) and not step.is_undecided:
            step.seating = Seating(passed=signed_already(before))
            continue
        left = [seat for seat in seats if seat.person.id not in signed]
        step.seating.seats = left
        everybody = not step.is_undecided and needed(node["mode"], len(left)) == len(left)
        given.append((step, {seat.person.id for seat in left} if everybody else set()))


def _signers(step: Step, given: list[tuple[Step, set[int]]], dedup: str) -> set[int]:
    around = dict(step.within)
    there = [people for other, people in given if all(around.get(fork, i) == i for fork, i in other.within)]
    if dedup == "all":
        return set().union(*there)
    return there[-1] if there and dedup == "adjacent" else set()
