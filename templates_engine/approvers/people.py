"""Input and output of approver rules."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from accounts.organisation.people import Person
from templates_engine.language.expressions import Expressions, Facts
from templates_engine.text import Text


class Organisation(Protocol):
    """Today's organisation; it returns active people only."""

    def know(
        self,
        usernames: Iterable[str] = (),
        roles: Iterable[str] = (),
        managers_of: Iterable[Person] = (),
        heads_of: Iterable[Person] = (),
    ) -> None:
        """Prepare for the questions below about all of these, so that they cost one statement together."""
        ...

    def by_usernames(self, usernames: Sequence[str]) -> list[Person]:
        """The people with these usernames that exist, in this order."""
        ...

    def role_holders(self, role: str) -> list[Person]:
        """The people with this role, ordered by username."""
        ...

    def in_department(self, role: str, department: str) -> list[Person]:
        """The people with this role in this department (a key), else in the nearest one above that has any."""
        ...

    def managers(self, person: Person) -> list[Person]:
        """A person's managers, nearest first; empty if there are none."""
        ...

    def department_heads(self, person: Person) -> list[Person | None]:
        """The heads of a person's department and of those above it, nearest first; None for one without a head."""
        ...

    def admins(self) -> list[Person]:
        """The administrators, asked when nobody else is found."""
        ...


@dataclass(frozen=True)
class Circumstances:
    """Everything that a rule may read.

    chosen: node key → usernames that the applicant chose for it. barred: ids of people who may not approve, because
    they edited what will run (I03). answers: cached results of expressions; valid because the facts do not change.
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
    """One assignee and the reason."""

    person: Person
    reason: Text


@dataclass
class Seating:
    """The assignees of a node. passed: why the node passes without assignees, if the template allows that.

    blocked: nobody can be asked; a person must correct the organisation or reassign. problem: why it is blocked.
    """

    seats: list[Seat] = field(default_factory=list)
    passed: Text = ""
    blocked: bool = False
    problem: Text = ""
