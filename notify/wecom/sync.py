"""Synchronisation of accounts with WeCom's directory, by an operator's command; it never runs automatically (A26).

Names, departments, managers and heads follow WeCom; roles, permissions, passwords and mail addresses never do. Users
disabled or deleted in WeCom are disabled, and enabled again when WeCom enables them; users disabled by a person stay
disabled. No account is deleted. Users who have not activated WeCom yet, or whom WeCom does not show us, are not
changed.
"""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Department, User
from accounts.organisation.membership import LastAdministrator, disable, enable
from notify.wecom.directory import Directory, Row

ACTIVE, DISABLED, LEFT = 1, 2, 5  # 4: not activated yet, which says nothing about leaving
GONE = (DISABLED, LEFT)
FEW = 5  # at most this many may be disabled in one run,
SHARE = 5  # or one in this many, if that is more


class TooManyGone(Exception):
    """Too many people would be disabled at once: a mistake in the settings is more likely."""


def sync(found: Directory, *, dry_run: bool = False, let_many_go: bool = False) -> list[str]:
    """Update the accounts in one transaction; return a line per change (+ new, ~ changed, ! not changed).

    Raises TooManyGone, with nothing changed, if too many would be disabled, unless let_many_go or dry_run is set.
    """
    with transaction.atomic():
        run = _Sync(found)
        lines = list(run.run())
        if run.is_alarming() and not (let_many_go or dry_run):
            raise TooManyGone(f"{run.gone} of {run.linked} people would be disabled at once")
        if dry_run:
            transaction.set_rollback(True)
    return lines


class _Sync:
    def __init__(self, found: Directory) -> None:
        self.found = found
        self.departments = {row.wecom_id: row for row in Department.objects.exclude(wecom_id=None)}
        people = User.objects.exclude(wecom_userid=None).order_by("pk")
        self.people = {str(row.wecom_userid).lower(): row for row in people}
        self.linked = sum(row.is_active for row in self.people.values())
        self.gone = 0

    def is_alarming(self) -> bool:
        """Whether more people are disabled than expected."""
        return self.gone > max(FEW, self.linked // SHARE)

    def run(self) -> Iterator[str]:
        """Update departments and people first, then parents, heads and managers."""
        for number, row in self.found.departments.items():
            yield from self._department(number, row)
        for userid, row in self.found.members.items():
            yield from self._person(userid, row)
        for userid in sorted(self.found.deleted & self.people.keys()):
            yield from self._disable(self.people[userid])
        for userid, why in sorted(self.found.unseen.items()):
            yield f"! user {self.people.get(userid, userid)}: out of sight, left alone ({why})"
        for number, row in self.found.departments.items():
            parent = self.departments.get(int(row.get("parentid") or 0))
            yield from _change(self.departments[number], "parent", parent)
            yield from _change(self.departments[number], "head", self._first(row.get("department_leader")))
        for userid, row in self.found.members.items():
            manager = self._first(row.get("direct_leader"))
            if userid in self.people and manager != self.people[userid]:
                yield from _change(self.people[userid], "manager", manager)

    def _first(self, userids: list[str] | None) -> User | None:
        known = (self.people.get(userid.lower()) for userid in userids or [])
        return next((person for person in known if person), None)

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
        status = row.get("status", ACTIVE)
        if person is None:
            yield from self._newcomer(row) if status == ACTIVE else ()
            return
        yield from _change(person, "name", str(row.get("name") or person.name)[:128])
        yield from _change(person, "department", self.departments.get(int(row.get("main_department") or 0)))
        if status in GONE:
            yield from self._disable(person)
        elif status == ACTIVE and person.has_left_wecom and enable(person, by=None):
            yield f"~ user {person}: is_active False -> True"
        elif status == ACTIVE and not person.is_active:
            yield f"! user {person}: disabled here by hand; `./manage.py org enable {person}` lets them in again"

    def _disable(self, person: User) -> Iterator[str]:
        if not person.is_active:
            return
        try:
            disable(person, by=None, has_left_wecom=True)
        except LastAdministrator:
            yield f"! user {person}: gone from WeCom, but the last administrator; make another one, then run this again"
        else:
            self.gone += 1
            yield f"~ user {person}: is_active True -> False"

    def _newcomer(self, row: Row) -> Iterator[str]:
        userid = str(row["userid"])
        department = self.departments.get(int(row.get("main_department") or 0))
        person = User(
            username=userid,
            wecom_userid=userid,
            name=str(row.get("name") or userid)[:128],
            department=department,
        )
        person.set_unusable_password()
        if namesake := User.objects.filter(username__iexact=userid).first():
            yield f"! user {userid}: the account {namesake} has no such WeCom userid; if it is theirs, set wecom_userid"
            return
        try:
            person.full_clean(exclude=["password"])
        except ValidationError as error:
            yield f"! user {userid}: {'; '.join(error.messages)}"
            return
        person.save()
        self.people[userid.lower()] = person
        yield f"+ user {userid} {person.name}"


def _change(row: Department | User, field: str, value: Any) -> Iterator[str]:
    """Set and save one field if it differs. None means that WeCom gives no value; the field is kept."""
    before = getattr(row, field)
    if value is None or before == value:
        return
    setattr(row, field, value)
    row.save(update_fields=[field])
    kind = "user" if isinstance(row, User) else "department"
    label = row.username if isinstance(row, User) else row.key
    yield f"~ {kind} {label}: {field} {before} -> {value}"
