"""What rules ask, and what they answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from accounts.people import Person
from templates_engine.expressions import Expressions, Facts
from templates_engine.text import Text


class Organisation(Protocol):
    """The people of today; only active ones are answered."""

    def by_usernames(self, usernames: Sequence[str]) -> list[Person]:
        """Those of these people that are there, in this order."""
        ...

    def role_holders(self, role: str) -> list[Person]:
        """Who holds this role, by username."""
        ...

    def in_department(self, role: str, department: str) -> list[Person]:
        """Who holds this role in this department (a key), else in the nearest one above that has a holder."""
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


@dataclass(frozen=True)
class Circumstances:
    """Everything that a rule may ask.

    chosen: node key → usernames that the applicant chose for it. barred: ids of people who may not approve,
    because they edited what will run (I3). answers: of expressions that were evaluated, since the facts stay the same.
    """

    applicant: Person
    organisation: Organisation
    facts: Facts
    expressions: Expressions
    chosen: Mapping[str, list[str]] = field(default_factory=dict)
    barred: frozenset[int] = frozenset()
    answers: dict[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Seat:
    """One person who is asked, and why."""

    person: Person
    reason: Text


@dataclass
class Seating:
    """Who is asked at a node. passed: nobody, because the template lets the system pass it, and why.

    blocked: nobody can be asked; a person must mend the organisation or reassign. problem: why it is blocked.
    """

    seats: list[Seat] = field(default_factory=list)
    passed: Text = ""
    blocked: bool = False
    problem: Text = ""
