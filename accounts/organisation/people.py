"""Queries about today's organisation, as used by approver rules."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypedDict

import orjson

from accounts.models import User
from accounts.organisation.asks import Asks
from common.prepared import prepared

FIELDS = "u.id, u.username, u.name, u.department_id"

NAMED = f"SELECT {FIELDS} FROM accounts_user u WHERE u.username = ANY(%(names)s) AND u.is_active"  # noqa: S608
ROLE_HOLDERS = f"""
SELECT r.key AS role, {FIELDS} FROM accounts_user u
JOIN accounts_rolemember m ON m.user_id = u.id JOIN accounts_role r ON r.id = m.role_id
WHERE r.key = ANY(%(roles)s) AND u.is_active ORDER BY u.username
"""  # noqa: S608 (constants only)
LINES_OF_MANAGERS = f"""
WITH RECURSIVE line AS (
    SELECT u.id AS below, u.id, u.manager_id, u.is_active, 0 AS depth, ARRAY[u.id] AS seen
    FROM accounts_user u WHERE u.id = ANY(%(people)s)
    UNION ALL
    SELECT line.below, m.id, m.manager_id, m.is_active, line.depth + 1, line.seen || m.id
    FROM line JOIN accounts_user m ON m.id = line.manager_id
    WHERE line.depth < 20 AND NOT m.id = ANY(line.seen)
)
SELECT line.below, {FIELDS} FROM line JOIN accounts_user u ON u.id = line.id
WHERE line.depth > 0 AND u.is_active ORDER BY line.depth
"""  # noqa: S608 (constants only)
LINES_OF_HEADS = f"""
WITH RECURSIVE up AS (
    SELECT d.id AS below, d.id, d.parent_id, d.head_id, 0 AS depth
    FROM accounts_department d WHERE d.id = ANY(%(departments)s)
    UNION ALL
    SELECT up.below, p.id, p.parent_id, p.head_id, up.depth + 1
    FROM up JOIN accounts_department p ON p.id = up.parent_id WHERE up.depth < 30
)
SELECT up.below, {FIELDS} FROM up LEFT JOIN accounts_user u ON u.id = up.head_id AND u.is_active ORDER BY up.depth
"""  # noqa: S608 (constants only)
# What Organisation.know asks, as a fragment.
KNOWING = f"""jsonb_build_object(
    'named', (SELECT jsonb_agg(to_jsonb(row)) FROM ({NAMED}) AS row),
    'holders', (SELECT jsonb_agg(to_jsonb(row)) FROM ({ROLE_HOLDERS}) AS row),
    'managers', (SELECT jsonb_agg(to_jsonb(row)) FROM ({LINES_OF_MANAGERS}) AS row),
    'heads', (SELECT jsonb_agg(to_jsonb(row)) FROM ({LINES_OF_HEADS}) AS row)
)"""  # noqa: S608 (constants only)
# A row: the keys of a department and of those above it, and the keys of a person's roles.
PROFILE = """
WITH RECURSIVE up AS (
    SELECT d.id, d.parent_id, d.key, 0 AS depth FROM accounts_department d WHERE d.id = %(department)s
    UNION ALL
    SELECT p.id, p.parent_id, p.key, up.depth + 1
    FROM up JOIN accounts_department p ON p.id = up.parent_id WHERE up.depth < 30
)
SELECT ARRAY(SELECT key FROM up ORDER BY depth) AS departments, ARRAY(
    SELECT r.key FROM accounts_role r JOIN accounts_rolemember m ON m.role_id = r.id
    WHERE m.user_id = %(user)s ORDER BY r.key
) AS roles
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
ADMINS = f"SELECT {FIELDS} FROM accounts_user u WHERE u.is_admin AND u.is_active ORDER BY u.username"  # noqa: S608


@dataclass(frozen=True)
class Person:
    """One active person."""

    id: int
    username: str
    name: str
    department_id: int | None = None


class PersonFacts(TypedDict):
    """What expressions can read of an applicant, and what a ticket's content stores. department, roles: keys."""

    username: str
    name: str
    department: str
    roles: list[str]


class Profile(PersonFacts):
    """What decides whether a person belongs to an audience. departments: the keys from their own upwards."""

    departments: list[str]


class Organisation:
    """Answers from the database; each question is asked once per instance. Only active people are returned (F40).

    What is expected to be asked is loaded together with the first question.
    """

    def __init__(self) -> None:
        self._answers: dict[tuple[str, Any], list[Person]] = {}
        self._named: dict[str, Person | None] = {}
        self._holders: dict[str, list[Person]] = {}
        self._managers: dict[int, list[Person]] = {}
        self._heads: dict[int, list[Person | None]] = {}
        self._expected: dict[str, list[Any]] | None = None

    def expect(self, asks: Asks, applicant: Person) -> None:
        """Load what these rules ask together with the first question."""
        self._expected = asks.of(applicant.id, applicant.department_id)

    def _ask(self, query: str, *arguments: Any) -> list[Person]:
        question = (query, arguments)
        if question not in self._answers:
            with prepared() as cursor:
                cursor.execute(query, arguments)
                self._answers[question] = [Person(*row) for row in cursor.fetchall()]
        return self._answers[question]

    def know(
        self,
        usernames: Iterable[str] = (),
        roles: Iterable[str] = (),
        managers_of: Iterable[Person] = (),
        heads_of: Iterable[Person] = (),
    ) -> None:
        """Load what is not known yet of all these, in one statement, or none: the people with these usernames, the
        holders of these roles, the managers above these people, the heads of their departments and of those above.
        """
        # The database refuses names that cannot be printed.
        names = dict.fromkeys(name for name in usernames if name.isprintable() and name not in self._named)
        keys = dict.fromkeys(role for role in roles if role.isprintable() and role not in self._holders)
        below = dict.fromkeys(person.id for person in managers_of if person.id not in self._managers)
        homes = (person.department_id for person in heads_of if person.department_id is not None)
        departments = dict.fromkeys(home for home in homes if home not in self._heads)
        if not (names or keys or below or departments):
            return
        # An empty list has no type: the statement would be prepared once for each combination.
        values: dict[str, list[Any]] = {"names": ["", *names], "roles": ["", *keys]}
        values |= {"people": [0, *below], "departments": [0, *departments]}
        for key, expected in (self._expected or {}).items():
            values[key] = list(dict.fromkeys([*values[key], *expected]))
        with prepared() as cursor:
            cursor.execute(f"SELECT {KNOWING}::text", values)
            self.learn(values, orjson.loads(cursor.fetchone()[0]))

    def learn(self, asked: dict[str, list[Any]], found: dict[str, Any]) -> None:
        """Take the answers of KNOWING for these values."""
        self._expected = None
        self._named |= dict.fromkeys(asked["names"])
        self._named |= {row["username"]: Person(**row) for row in found["named"] or ()}
        self._holders |= _grouped(asked["roles"], found["holders"], "role")
        self._managers |= _grouped(asked["people"], found["managers"], "below")
        self._heads |= _grouped(asked["departments"], found["heads"], "below")

    def by_username(self, username: str) -> Person | None:
        """The active person with this username, if any."""
        return next(iter(self.by_usernames([username])), None)

    def by_usernames(self, usernames: Iterable[str]) -> list[Person]:
        """The active people with these usernames, each once, in this order; loads missing ones in one statement."""
        wanted = list(dict.fromkeys(usernames))
        self.know(usernames=wanted)
        return [found for name in wanted if (found := self._named.get(name))]

    def role_holders(self, role: str) -> list[Person]:
        """The holders of this role, by username."""
        self.know(roles=[role])
        return self._holders.get(role, [])

    def in_department(self, role: str, department: str) -> list[Person]:
        """The holders of this role in this department (a key), else in the nearest one above with a holder."""
        return self._ask(IN_DEPARTMENT, department, role) if department.isprintable() else []

    def managers(self, person: Person) -> list[Person]:
        """The managers above a person, nearest first; loops end the list."""
        self.know(managers_of=[person])
        return self._managers[person.id]

    def department_heads(self, person: Person) -> list[Person | None]:
        """The heads of a person's department and of those above it, nearest first."""
        self.know(heads_of=[person])
        return self._heads.get(person.department_id or 0, [])

    def admins(self) -> list[Person]:
        """The administrators."""
        return self._ask(ADMINS)


def _grouped(keys: Iterable[Any], rows: list[dict[str, Any]] | None, by: str) -> dict[Any, list[Any]]:
    """Each key → its people, in the order of the rows; None for a row without a person."""
    found: dict[Any, list[Any]] = {key: [] for key in keys}
    for row in rows or ():
        key = row.pop(by)
        found[key].append(Person(**row) if row["id"] else None)
    return found


def person(user: User) -> Person:
    """A user as a Person."""
    return Person(user.id, user.username, user.name, user.department_id)


def profile_facts(user: User) -> Profile:
    """Facts about an applicant, in one statement."""
    with prepared() as cursor:
        cursor.execute(PROFILE, {"department": user.department_id, "user": user.id})
        return profile_of(user, *cursor.fetchone())


def profile_of(user: User, departments: list[str], roles: list[str]) -> Profile:
    """The same from a row of PROFILE."""
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


def facts(user: User) -> PersonFacts:
    """What expressions can read of an applicant."""
    return expression_facts(profile_facts(user))


def expression_facts(profile: Profile) -> PersonFacts:
    """The part of a profile that expressions can read and a ticket's content stores."""
    return {
        "username": profile["username"],
        "name": profile["name"],
        "department": profile["department"],
        "roles": profile["roles"],
    }
