"""Chooses the assignees of a node: applies its rules, then on_self and on_empty."""

from collections.abc import Collection

from accounts.organisation.people import Person
from templates_engine.approvers.people import Circumstances, Organisation, Seat, Seating
from templates_engine.approvers.rules import gather
from templates_engine.parts import Node
from templates_engine.text import Text, both, localize

MOST_SEATS = 200
NOBODY = both("规则没有找到人", "the rules found nobody")
NOBODY_TO_ESCALATE = both(
    "规则没有找到人，上级和管理员里也没有人可以接手",
    "the rules found nobody, and neither a manager nor an administrator can step in",
)
SELF = both("审批人就是申请人", "the approver is the applicant")
EDITED = both("审批人改过内容", "the approver has edited the content")


def seat_people(node: Node, asked: Circumstances) -> Seating:
    """The assignees of this approval or confirm node: the rules, then on_self, then on_empty.

    The applicant never decides on their own ticket unless the node says `on_self: allow`; nor does anybody who edited
    the content. If nobody is left, or a rule could not be evaluated, the node escalates; it never passes silently (I03,
    I10, I26).
    """
    rules = node.get("approvers") or node.get("assignees") or []
    seats, failed = gather(rules, asked, node.get("because", ""), node.get("key", ""))
    if len(seats) > MOST_SEATS:
        return Seating(blocked=True, problem=_too_many(len(seats)))
    if failed:
        return _despite_failure(node, seats, failed[0], asked)
    if not seats:
        return _nobody(node, asked)
    allowed = _allowed(node, seats, asked)
    if allowed:
        return Seating(allowed)
    if all(seat.person.id == asked.applicant.id for seat in seats):
        if node.get("on_self") == "approve":
            return Seating(passed=both("申请人就是审批人", "the applicant is the approver"))
        return _escalate(asked, SELF)
    return _escalate(asked, EDITED)


def _allowed(node: Node, seats: list[Seat], asked: Circumstances) -> list[Seat]:
    """The seats that are allowed. At a confirm node all are, because nothing is approved there."""
    if node["type"] != "approval":
        return seats
    barred = set(asked.barred)
    if node.get("on_self", "escalate") != "allow":
        barred.add(asked.applicant.id)
    return [seat for seat in seats if seat.person.id not in barred]


def _nobody(node: Node, asked: Circumstances) -> Seating:
    handling = node.get("on_empty", "escalate")
    if handling == "approve":
        return Seating(passed=both("规则没有找到审批人", "the rules found nobody"))
    if handling == "block":
        return Seating(blocked=True, problem=NOBODY)
    return _escalate(asked, NOBODY)


def _despite_failure(node: Node, seats: list[Seat], problem: str, asked: Circumstances) -> Seating:
    """Escalate in place of the failed rule, whatever on_empty says, and keep the people from the other rules."""
    why = both(f"规则无法求值：{problem[:200]}", f"a rule could not be evaluated: {problem[:200]}")
    others = _allowed(node, seats, asked)
    above = _escalate(asked, why, {seat.person.id for seat in others})
    return Seating([*others, *above.seats]) if others else above


def _escalate(asked: Circumstances, why: Text, besides: Collection[int] = frozenset()) -> Seating:
    return escalate(asked.applicant, asked.organisation, why, {*asked.barred, *besides})


def escalate(
    person: Person,
    organisation: Organisation,
    why: Text,
    besides: Collection[int] = frozenset(),
    applicant: Person | None = None,
) -> Seating:
    """The nearest manager of `person`, else of the applicant, else the administrators.

    Never this person, the applicant, or those in `besides` (ids). applicant: given if it is not `person`.
    """
    reason = both(f"上报：{localize(why, 'zh')}", f"escalated: {localize(why, 'en')}")
    lines = [person] if applicant is None or applicant.id == person.id else [person, applicant]
    barred = {*(someone.id for someone in lines), *besides}
    for someone in lines:
        for manager in organisation.managers(someone):
            if manager.id not in barred:
                return Seating([Seat(manager, reason)])
    admins = [admin for admin in organisation.admins() if admin.id not in barred]
    return Seating(
        [Seat(admin, reason) for admin in admins], blocked=not admins, problem="" if admins else NOBODY_TO_ESCALATE
    )


def _too_many(count: int) -> Text:
    return both(f"规则找到 {count} 人，最多 {MOST_SEATS} 人", f"the rules found {count} people, {MOST_SEATS} at most")
