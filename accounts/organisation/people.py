"""Queries about today's organisation, as used by approver rules."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from common.prepared import prepared

FIELDS = "u.id, u.username, u.name, u.department_id"

LINES_OF_MANAGERS = f"""
WITH RECURSIVE line AS (
    SELECT u.id AS below, u.id, u.manager_id, u.is_active, 0 AS depth, ARRAY[u.id] AS seen
    FROM accounts_user u WHERE u.id = ANY(%s)
    UNION ALL
    SELECT line.below, m.id, m.manager_id, m.is_active, line.depth + 1, line.seen || m.id
    FROM line JOIN accounts_user m ON m.id = line.manager_id
    WHERE line.depth < 20 AND NOT m.id = ANY(line.seen)
)
SELECT line.below, {FIELDS} FROM line JOIN accounts_user u ON u.id = line.id
WHERE line.depth > 0 AND u.is_active ORDER BY line.depth
"""  # noqa: S608 (constants only)
LINE_OF_HEADS = f"""
WITH RECURSIVE up AS (
    SELECT d.id, d.parent_id, d.head_id, 0 AS depth FROM accounts_department d WHERE d.id = %s
    UNION ALL
    SELECT p.id, p.parent_id, p.head_id, up.depth + 1
    FROM up JOIN accounts_department p ON p.id = up.parent_id WHERE up.depth < 30
)
SELECT {FIELDS} FROM up LEFT JOIN accounts_user u ON u.id = up.head_id AND u.is_active ORDER BY up.depth
"""  # noqa: S608 (constants only)
PROFILE = """
WITH RECURSIVE up AS (
    SELECT d.id, d.parent_id, d.key, 0 AS depth FROM accounts_department d WHERE d.id = %s
    UNION ALL
    SELECT p.id, p.parent_id, p.key, up.depth + 1
    FROM up JOIN accounts_department p ON p.id = up.parent_id WHERE up.depth < 30
)
SELECT ARRAY(SELECT key FROM up ORDER BY depth), ARRAY(
    SELECT r.key FROM accounts_role r JOIN accounts_rolemember m ON m.role_id = r.id
    WHERE m.user_id = %s ORDER BY r.key
)
"""
DEPARTMENTS_ABOVE = """
WITH RECURSIVE up AS (
    SELECT d.id, d.parent_id, d.key, 0 AS depth FROM accounts_department d WHERE d.key = %s
    UNION ALL
    SELECT p.id, p.parent_id, p.key, up.depth + 1
    FROM up JOIN accounts_department p ON p.id = up.parent_id WHERE up.depth < 30
)
SELECT key FROM up ORDER BY depth
"""
ROLE_HOLDERS = f"""
SELECT {FIELDS} FROM accounts_user u
JOIN accounts_rolemember m ON m.user_id = u.id JOIN accounts_role r ON r.id = m.role_id
WHERE r.key = %s AND u.is_active ORDER BY u.username
"""  # noqa: S608 (constants only)
IN_DEPARTMENT = f"""
WITH RECURSIVE up AS (
    SELECT d.id, d.parent_id, 0 AS depth FROM accounts_department d WHERE d.key = %s
    UNION ALL
    SELECT p.id, p.parent_id, up.depth + 1
    FROM up JOIN accounts_department p ON p.id = up.parent_id WHERE up.depth < 30
), holders AS (
    SELECT {FIELDS}, up.depth, min(up.depth) OVER () AS nearest FROM up
    JOIN accounts_user u ON u.department_id = up.id AND u.is_active
    JOIN accounts_rolemember m ON m.user_id = u.id JOIN accounts_role r ON r.id = m.role_id
    WHERE r.key = %s
)
SELECT DISTINCT id, username, name, department_id FROM holders WHERE depth = nearest ORDER BY username
"""  # noqa: S608 (constants only)
BY_USERNAMES = f"SELECT {FIELDS} FROM accounts_user u WHERE u.username = ANY(%s) AND u.is_active"  # noqa: S608
ADMINS = f"SELECT {FIELDS} FROM accounts_user u WHERE u.is_admin AND u.is_active ORDER BY u.username"  # noqa: S608


@dataclass(frozen=True)
class Person:
    """One active person."""

    id: int
    username: str
    name: str
    department_id: int | None = None


class Organisation:
    """Answers from the database; each question is asked once per instance. Only active people are returned (F40)."""

    def __init__(self) -> None:
        self._answers: dict[tuple[str, Any], list[Person | None]] = {}
        self._named: dict[str, Person | None] = {}
        self._lines: dict[int, list[Person]] = {}

    def _ask(self, query: str, *arguments: Any) -> list[Person | None]:
        question = (query, arguments)
        if question not in self._answers:
            with prepared() as cursor:
                cursor.execute(query, arguments)
                self._answers[question] = [Person(*row) if row[0] else None for row in cursor.fetchall()]
        return self._answers[question]

    def _people(self, query: str, *arguments: Any) -> list[Person]:
        return [person for person in self._ask(query, *arguments) if person]

    def by_username(self, username: str) -> Person | None:
        """The active person with this username, if any."""
        return next(iter(self.by_usernames([username])), None)

    def by_usernames(self, usernames: Sequence[str]) -> list[Person]:
        """The active people with these usernames, each once, in this order; loads missing ones in one statement."""
        wanted = [name for name in dict.fromkeys(usernames) if name.isprintable()]  # the database refuses others
        unknown = [name for name in wanted if name not in self._named]
        if unknown:
            with prepared() as cursor:
                cursor.execute(BY_USERNAMES, [unknown])
                people = [Person(*row) for row in cursor.fetchall()]
            self._named |= dict.fromkeys(unknown) | {found.username: found for found in people}
        return [found for name in wanted if (found := self._named[name])]

    def role_holders(self, role: str) -> list[Person]:
        """The holders of this role, by username."""
        return self._people(ROLE_HOLDERS, role)

    def in_department(self, role: str, department: str) -> list[Person]:
        """The holders of this role in this department (a key), else in the nearest one above with a holder."""
        return self._people(IN_DEPARTMENT, department, role) if department.isprintable() else []

    def managers(self, person: Person) -> list[Person]:
        """The managers above a person, nearest first; loops end the list."""
        self.know_managers([person])
        return self._lines[person.id]

    def know_managers(self, people: Iterable[Person]) -> None:
        """Load the managers above all of these people in one statement, before asking for each."""
        unknown = {person.id for person in people} - self._lines.keys()
        if not unknown:
            return
        self._lines |= {key: [] for key in unknown}
        with prepared() as cursor:
            cursor.execute(LINES_OF_MANAGERS, [sorted(unknown)])
            for below, *row in cursor.fetchall():
                self._lines[below].append(Person(*row))

    def department_heads(self, person: Person) -> list[Person | None]:
        """The heads of a person's department and of those above it, nearest first."""
        return self._ask(LINE_OF_HEADS, person.department_id)

    def admins(self) -> list[Person]:
        """The administrators."""
        return self._people(ADMINS)


def person(user: User) -> Person:
    """A user as a Person."""
    return Person(user.id, user.username, user.name, user.department_id)


def profile_facts(user: User) -> dict[str, Any]:
    """Facts about an applicant in one statement: facts() and `departments`, the keys from their own upwards."""
    with prepared() as cursor:
        cursor.execute(PROFILE, [user.department_id, user.id])
        departments, roles = cursor.fetchone()
    return {
        "username": user.username,
        "name": user.name,
        "department": departments[0] if departments else "",
        "roles": roles,
        "departments": departments,
    }


def departments_above(key: str) -> list[str]:
    """The keys of a department and of those above it; empty for "" and for an unknown key."""
    with prepared() as cursor:
        cursor.execute(DEPARTMENTS_ABOVE, [key])
        return [row[0] for row in cursor.fetchall()]


def facts(user: User) -> dict[str, Any]:
    """What expressions can read of an applicant: username, name, department (its key), roles (keys)."""
    return expression_facts(profile_facts(user))


def expression_facts(profile: dict[str, Any]) -> dict[str, Any]:
    """The part of profile_facts() that expressions can read and a ticket's content stores."""
    return {key: value for key, value in profile.items() if key != "departments"}
