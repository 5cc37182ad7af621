"""The whole organisation in memory, for questions about all people at once.

Gives the same answers as `accounts.organisation.people.Organisation`, with three statements for any number of people.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from accounts.models import Department, RoleMember, User
from accounts.organisation.people import Person, PersonFacts, Profile

DEEPEST_LINE = 20  # as in accounts.organisation.people
DEEPEST_TREE = 30


@dataclass(frozen=True)
class _Row:
    person: Person
    manager_id: int | None
    is_active: bool
    is_admin: bool


@dataclass(frozen=True)
class _Department:
    key: str
    parent_id: int | None
    head_id: int | None


class Snapshot:
    """The people at the time of creation; only active ones are returned (F40)."""

    def __init__(self) -> None:
        columns = ("id", "username", "name", "department_id", "manager_id", "is_active", "is_admin")
        rows = User.objects.order_by("username").values_list(*columns)
        self._people = {row[0]: _Row(Person(*row[:4]), *row[4:]) for row in rows}
        departments = Department.objects.values_list("id", "key", "parent_id", "head_id")
        self._departments = {row[0]: _Department(row[1], row[2], row[3]) for row in departments}
        self._roles: dict[str, list[int]] = {}
        self._held: dict[int, list[str]] = {}
        for role, user in RoleMember.objects.order_by("role__key").values_list("role__key", "user_id"):
            self._roles.setdefault(role, []).append(user)
            self._held.setdefault(user, []).append(role)
        self._holders: dict[str, list[Person]] = {}
        self._lines: dict[int, list[Person]] = {}
        self._heads: dict[int | None, list[Person | None]] = {}

    def _active(self, key: int | None) -> Person | None:
        row = self._people.get(key) if key is not None else None
        return row.person if row and row.is_active else None

    @cached_property
    def everybody(self) -> list[Person]:
        """All active people, by username."""
        return [row.person for row in self._people.values() if row.is_active]

    @cached_property
    def _by_username(self) -> dict[str, Person]:
        return {person.username: person for person in self.everybody}

    @cached_property
    def _department_ids(self) -> dict[str, int]:
        return {department.key: key for key, department in self._departments.items()}

    @property
    def department_keys(self) -> list[str]:
        """The keys of all departments."""
        return list(self._department_ids)

    def facts(self, person: Person) -> PersonFacts:
        """What expressions can read of an applicant."""
        department = self._departments.get(person.department_id or 0)
        return {
            "username": person.username,
            "name": person.name,
            "department": department.key if department else "",
            "roles": self._held.get(person.id, []),
        }

    def profile(self, person: Person) -> Profile:
        """What decides whether a person belongs to an audience."""
        return {**self.facts(person), "departments": self.department_line(person)}

    def department_line(self, person: Person) -> list[str]:
        """The keys of a person's department and of those above it, nearest first."""
        return [department.key for department in self._up(person.department_id)]

    def _up(self, department_id: int | None) -> Iterator[_Department]:
        for _depth in range(DEEPEST_TREE + 1):
            department = self._departments.get(department_id or 0)
            if department is None:
                return
            yield department
            department_id = department.parent_id

    def know(self, *_asked: Iterable[Any]) -> None:
        """Everything is known."""

    def by_usernames(self, usernames: Sequence[str]) -> list[Person]:
        """The active people with these usernames, in this order."""
        return [self._by_username[name] for name in dict.fromkeys(usernames) if name in self._by_username]

    def role_holders(self, role: str) -> list[Person]:
        """The holders of this role, by username."""
        if role not in self._holders:
            held = {person for person in map(self._active, self._roles.get(role, [])) if person}
            self._holders[role] = sorted(held, key=lambda person: person.username)
        return self._holders[role]

    def in_department(self, role: str, department: str) -> list[Person]:
        """The holders of this role in this department (a key), else in the nearest one above with a holder."""
        holders = self.role_holders(role)
        for above in self._up(self._department_ids.get(department)):
            here = self._department_ids[above.key]
            there = [person for person in holders if person.department_id == here]
            if there:
                return there
        return []

    def managers(self, person: Person) -> list[Person]:
        """The managers above a person, nearest first; loops end the list."""
        if person.id not in self._lines:
            self._lines[person.id] = list(self._line(person.id))
        return self._lines[person.id]

    def _line(self, key: int) -> Iterator[Person]:
        seen = {key}
        for _depth in range(DEEPEST_LINE):
            row = self._people.get(key)
            if row is None or row.manager_id is None or row.manager_id in seen:
                return
            key = row.manager_id
            seen.add(key)
            manager = self._active(key)
            if manager:
                yield manager

    def department_heads(self, person: Person) -> list[Person | None]:
        """The heads of a person's department and of those above it, nearest first."""
        if person.department_id not in self._heads:
            heads = [self._active(department.head_id) for department in self._up(person.department_id)]
            self._heads[person.department_id] = heads
        return self._heads[person.department_id]

    @cached_property
    def _admins(self) -> list[Person]:
        return [row.person for row in self._people.values() if row.is_admin and row.is_active]

    def admins(self) -> list[Person]:
        """The administrators."""
        return self._admins
