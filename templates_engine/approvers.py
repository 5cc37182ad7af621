"""Who acts at a node: rules to people, each with the reason they were chosen ("why me").

Pure: people come from an Organisation handed in, so the same code answers "who will approve" before a ticket
exists and seats people when a node opens.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from accounts.people import Person
from templates_engine.shapes import Schema, mapping
from templates_engine.text import Text, both, localize

Rule = dict[str, Any]
RULES_SCHEMA: Schema = {
    "type": "array",
    "minItems": 1,
    "maxItems": 20,
    "items": {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "properties": {
            "user": {"type": "string"},
            "role": {"type": "string"},
            "manager": {"type": "integer", "minimum": 1, "maximum": 20},
            "department_head": {"type": "integer", "minimum": 1, "maximum": 20},
            "applicant": {"const": True},
        },
        "additionalProperties": False,
    },
}
RATIO: Schema = mapping({"ratio": {"type": "number", "exclusiveMinimum": 0, "maximum": 1}})


@dataclass(frozen=True)
class Seat:
    """One person who is asked, and why."""

    person: Person
    reason: Text


@dataclass
class Seating:
    """Who is asked at a node. passed: nobody, because the template lets the system pass it, and why.

    blocked: nobody could be found at all; a person must mend the organisation or reassign.
    """

    seats: list[Seat] = field(default_factory=list)
    passed: Text = ""
    blocked: bool = False


class Organisation(Protocol):
    """The people of today; only active ones are answered."""

    def by_username(self, username: str) -> Person | None:
        """This person."""
        ...

    def role_holders(self, role: str) -> list[Person]:
        """Who holds this role, by username."""
        ...

    def managers(self, person: Person) -> list[Person]:
        """The line of managers above a person, nearest first; empty for who has none."""
        ...

    def department_heads(self, person: Person) -> list[Person | None]:
        """The heads of a person's department and of those above it, nearest first; None where there is none."""
        ...

    def admins(self) -> list[Person]:
        """The last resort."""
        ...


def _user(value: str, _applicant: Person, organisation: Organisation) -> list[Seat]:
    person = organisation.by_username(value)
    return [Seat(person, both("模板指定", "named by the template"))] if person else []


def _role(value: str, _applicant: Person, organisation: Organisation) -> list[Seat]:
    reason = both(f"角色 {value}", f"role {value}")
    return [Seat(person, reason) for person in organisation.role_holders(value)]


def _manager(value: int, applicant: Person, organisation: Organisation) -> list[Seat]:
    line = organisation.managers(applicant)
    if len(line) < value:
        return []
    if value == 1:
        reason = both(f"{applicant.username} 的直属上级", f"manager of {applicant.username}")
    else:
        reason = both(f"{applicant.username} 的第 {value} 级上级", f"manager {value} levels above {applicant.username}")
    return [Seat(line[value - 1], reason)]


def _department_head(value: int, applicant: Person, organisation: Organisation) -> list[Seat]:
    heads = organisation.department_heads(applicant)
    head = heads[value - 1] if len(heads) >= value else None
    zh = f"{applicant.username} 的部门负责人" if value == 1 else f"{applicant.username} 上 {value - 1} 级部门负责人"
    en = f"head of {applicant.username}'s department" + ("" if value == 1 else f", {value - 1} above")
    return [Seat(head, both(zh, en))] if head else []


def _applicant(_value: bool, applicant: Person, _organisation: Organisation) -> list[Seat]:
    return [Seat(applicant, both("申请人本人", "the applicant"))]


RULES: dict[str, Callable[[Any, Person, Organisation], list[Seat]]] = {
    "user": _user,
    "role": _role,
    "manager": _manager,
    "department_head": _department_head,
    "applicant": _applicant,
}


def found(rules: Iterable[Rule], applicant: Person, organisation: Organisation, because: Text = "") -> list[Seat]:
    """Everybody the rules name, in their order, each person once (I4); `because` is added to the reasons."""
    seats: dict[int, Seat] = {}
    for rule in rules:
        ((kind, value),) = rule.items()
        for seat in RULES[kind](value, applicant, organisation):
            seats.setdefault(seat.person.id, Seat(seat.person, _with(seat.reason, because)))
    return list(seats.values())


def _with(reason: Text, because: Text) -> Text:
    if not because:
        return reason
    return both(
        f"{localize(reason, 'zh')}，因为 {localize(because, 'zh')}",
        f"{localize(reason, 'en')}, because {localize(because, 'en')}",
    )


def seat_people(node: dict[str, Any], applicant: Person, organisation: Organisation) -> Seating:
    """Who is asked at this approval or confirm node: the rules, then on_self, then on_empty.

    The applicant never decides about himself unless the node says `on_self: allow`; where nobody is left the
    node escalates by default, and never passes silently (I3, I10).
    """
    rules = node.get("approvers") or node.get("assignees") or []
    seats = found(rules, applicant, organisation, node.get("because", ""))
    if node["type"] == "approval":
        own = [seat for seat in seats if seat.person.id == applicant.id]
        if own and node.get("on_self", "escalate") != "allow":
            seats = [seat for seat in seats if seat.person.id != applicant.id]
            if node.get("on_self") == "approve":
                if not seats:
                    return Seating(passed=both("申请人就是审批人", "the applicant is the approver"))
            elif not seats:
                return escalate(applicant, organisation, both("审批人就是申请人", "the approver is the applicant"))
    if seats:
        return Seating(seats)
    handling = node.get("on_empty", "escalate")
    if handling == "approve":
        return Seating(passed=both("规则没有找到审批人", "the rules found nobody"))
    if handling == "block":
        return Seating(blocked=True)
    return escalate(applicant, organisation, both("规则没有找到人", "the rules found nobody"))


def escalate(
    applicant: Person, organisation: Organisation, why: Text, besides: Collection[int] = frozenset()
) -> Seating:
    """The applicant's nearest manager, last the administrators; never the applicant, nor those `besides` (ids)."""
    reason = both(f"上报：{localize(why, 'zh')}", f"escalated: {localize(why, 'en')}")
    barred = {applicant.id, *besides}
    above = [person for person in organisation.managers(applicant) if person.id not in barred]
    people = above[:1] or [person for person in organisation.admins() if person.id not in barred]
    return Seating([Seat(person, reason) for person in people], blocked=not people)
