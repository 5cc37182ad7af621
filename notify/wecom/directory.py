"""WeCom's directory, brought over by an operator's command; nothing runs it by itself (A26).

People are found by their exact WeCom userid. Names, departments, managers and heads follow WeCom; roles, rights,
passwords and mail addresses never do. Nobody is deleted or enabled: whoever WeCom calls gone is disabled, except
administrators, and who is missing from the visible range is left alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Department, User
from notify.wecom.client import WeComClient

ACTIVE = 1
Row = dict[str, Any]


@dataclass(frozen=True)
class Directory:
    """What WeCom shows us: departments by id, members by userid."""

    departments: dict[int, Row]
    members: dict[str, Row]


def fetch(client: WeComClient) -> Directory:
    """All departments and members in the application's visible range. Raises WeComError."""
    departments = {int(row["id"]): row for row in client.get("department/list").get("department", [])}
    members: dict[str, Row] = {}
    for number in departments:
        answer = client.get("user/list", params={"department_id": number})
        members |= {row["userid"]: row for row in answer.get("userlist", [])}
    return Directory(departments, members)


def sync(found: Directory, *, dry_run: bool = False) -> list[str]:
    """Bring accounts up to date, in one transaction; what changed, a line each (+ new, ~ changed, ! left alone)."""
    with transaction.atomic():
        lines = list(_Sync(found).run())
        if dry_run:
            transaction.set_rollback(True)
    return lines


class _Sync:
    def __init__(self, found: Directory) -> None:
        self.found = found
        self.departments = {row.wecom_id: row for row in Department.objects.exclude(wecom_id=None)}
        self.people = {row.wecom_userid: row for row in User.objects.exclude(wecom_userid=None)}

    def run(self) -> Iterator[str]:
        """Departments and people first, then what ties them to each other."""
        for number, row in self.found.departments.items():
            yield from self._department(number, row)
        for userid, row in self.found.members.items():
            yield from self._person(userid, row)
        for number, row in self.found.departments.items():
            parent = self.departments.get(int(row.get("parentid") or 0))
            yield from _change(self.departments[number], "parent", parent)
            yield from _change(self.departments[number], "head", self._first(row.get("department_leader")))
        for userid, row in self.found.members.items():
            manager = self._first(row.get("direct_leader"))
            if userid in self.people and manager != self.people[userid]:
                yield from _change(self.people[userid], "manager", manager)

    def _first(self, userids: list[str] | None) -> User | None:
        return next((self.people[userid] for userid in userids or [] if userid in self.people), None)

    def _department(self, number: int, row: Row) -> Iterator[str]:
        name = str(row.get("name") or number)[:128]
        if number in self.departments:
            yield from _change(self.departments[number], "name", name)
            return
        new = Department.objects.create(key=f"wecom-{number}", name=name, wecom_id=number)
        self.departments[number] = new
        yield f"+ department {new.key} {name}"

    def _person(self, userid: str, row: Row) -> Iterator[str]:
        person = self.people.get(userid)
        is_active = row.get("status", ACTIVE) == ACTIVE
        if person is None:
            yield from self._newcomer(userid, row) if is_active else ()
            return
        yield from _change(person, "name", str(row.get("name") or person.name)[:128])
        yield from _change(person, "department", self.departments.get(int(row.get("main_department") or 0)))
        if person.is_active and not is_active:
            if person.is_admin:
                yield f"! user {person}: gone from WeCom, but an administrator; disable by hand"
            else:
                yield from _change(person, "is_active", False)

    def _newcomer(self, userid: str, row: Row) -> Iterator[str]:
        department = self.departments.get(int(row.get("main_department") or 0))
        person = User(
            username=userid,
            wecom_userid=userid,
            name=str(row.get("name") or userid)[:128],
            department=department,
        )
        person.set_unusable_password()
        try:
            person.full_clean(exclude=["password"])
        except ValidationError as error:
            yield f"! user {userid}: {'; '.join(error.messages)}"
            return
        person.save()
        self.people[userid] = person
        yield f"+ user {userid} {person.name}"


def _change(row: Department | User, field: str, value: Any) -> Iterator[str]:
    """Set and save one field where it differs; None says that WeCom does not know, which changes nothing."""
    before = getattr(row, field)
    if value is None or before == value:
        return
    setattr(row, field, value)
    row.save(update_fields=[field])
    kind = "user" if isinstance(row, User) else "department"
    label = row.username if isinstance(row, User) else row.key
    yield f"~ {kind} {label}: {field} {before} -> {value}"
