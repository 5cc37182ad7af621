"""Import an organisation: departments, roles and people from one document; can be repeated."""

from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models.functions import Upper

from accounts.models import Department, Role, RoleMember, User
from common import yaml_reader
from common.errors import DomainError, finding

SHAPE = {
    "departments": {"required": {"key", "name"}, "optional": {"parent", "head", "wecom_id"}},
    "roles": {"required": {"key"}, "optional": {"name", "permissions"}},
    "users": {
        "required": {"username", "name", "department"},
        "optional": {"manager", "roles", "is_admin", "email", "wecom_userid"},
    },
}
ORGANISATION = yaml_reader.Limits(4 * 1024 * 1024, 400_000)  # enough for tens of thousands of people


class BadOrganisation(DomainError):
    """The file cannot be imported; `errors` lists every problem with its place."""

    code, status = "bad_organisation", 422


def read(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Read and check a file. Raises BadOrganisation with every problem, OSError."""
    try:
        document, repeated = yaml_reader.read_file(path, ORGANISATION)
    except yaml_reader.Unreadable as error:
        where = ": ".join(part for part in (str(path), error.where) if part)
        raise BadOrganisation(f"{where}: {error.message}") from error
    problems = [(twice.path, f"stands a second time, on line {twice.line}") for twice in repeated]
    problems += _problems(document)
    if problems:
        errors = [finding(place, "bad_organisation", message) for place, message in problems]
        raise BadOrganisation(f"{path}: {len(problems)} problems", errors=errors)
    return document


def _problems(document: Any) -> Any:
    if not isinstance(document, dict) or set(document) - set(SHAPE):
        yield "", f"the document must have the keys {', '.join(SHAPE)} only"
        return
    for part, keys in SHAPE.items():
        rows = document.get(part, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            yield part, "must be a list of mappings"
            return
        for index, row in enumerate(rows):
            for key in keys["required"] - set(row):
                yield f"{part}[{index}].{key}", "is missing"
            for key in set(row) - keys["required"] - keys["optional"]:
                yield f"{part}[{index}].{key}", "is not a key here"
    yield from _references(document)


def _references(document: dict[str, list[dict[str, Any]]]) -> Any:
    departments = {row.get("key") for row in document.get("departments", [])}
    roles = {row.get("key") for row in document.get("roles", [])}
    people = {row.get("username") for row in document.get("users", [])}
    yield from _twins(document.get("users", []))
    for index, row in enumerate(document.get("departments", [])):
        if row.get("parent") and row["parent"] not in departments:
            yield f"departments[{index}].parent", f"there is no department {row['parent']}"
        if row.get("head") and row["head"] not in people:
            yield f"departments[{index}].head", f"there is no user {row['head']}"
    for index, row in enumerate(document.get("users", [])):
        if row.get("department") not in departments:
            yield f"users[{index}].department", f"there is no department {row.get('department')}"
        if row.get("manager") and row["manager"] not in people:
            yield f"users[{index}].manager", f"there is no user {row['manager']}"
        for role in row.get("roles", []):
            if role not in roles:
                yield f"users[{index}].roles", f"there is no role {role}"


def _twins(rows: list[dict[str, Any]]) -> Any:
    """Usernames that appear twice, and WeCom userids that are equal ignoring case."""
    names, userids = set(), set()
    for index, row in enumerate(rows):
        username = str(row.get("username"))
        userid = str(row.get("wecom_userid", username)).lower()
        if username in names:
            yield f"users[{index}].username", f"{username} stands a second time"
        elif userid in userids:
            yield f"users[{index}].wecom_userid", f"somebody else has the WeCom userid {userid} already"
        names.add(username)
        userids.add(userid)


@transaction.atomic
def import_organisation(
    document: dict[str, list[dict[str, Any]]], *, password: str | None = None, mail_domain: str = ""
) -> dict[str, int]:
    """Create and update; nobody is removed. `password` is set for new people only. Returns how many of each.

    Raises BadOrganisation if a WeCom userid belongs to another account, or no administrator would be left.
    """
    _check_userids(document.get("users", []))
    had_administrator = _has_administrator()
    departments = {}
    for row in document.get("departments", []):
        departments[row["key"]], _new = Department.objects.update_or_create(
            key=row["key"], defaults={"name": row["name"], "wecom_id": row.get("wecom_id")}
        )
    roles = {}
    for row in document.get("roles", []):
        defaults = {"name": row.get("name", row["key"]), "permissions": row.get("permissions", [])}
        roles[row["key"]], _new = Role.objects.update_or_create(key=row["key"], defaults=defaults)
    people = {row["username"]: _person(row, departments, password, mail_domain) for row in document.get("users", [])}
    _connect(document, departments, roles, people)
    if had_administrator and not _has_administrator():
        raise BadOrganisation("this file would leave no active administrator: write is_admin: true for somebody")
    return {"departments": len(departments), "roles": len(roles), "users": len(people)}


def _has_administrator() -> bool:
    return User.objects.filter(is_admin=True, is_active=True).exists()


def _check_userids(rows: list[dict[str, Any]]) -> None:
    wanted = {str(row.get("wecom_userid", row["username"])).upper(): row["username"] for row in rows}
    taken = User.objects.annotate(userid=Upper("wecom_userid")).filter(userid__in=wanted)
    for username, userid in taken.values_list("username", "userid"):
        if wanted[userid] not in (username,) and username not in wanted.values():
            raise BadOrganisation(f"the WeCom userid of {wanted[userid]} belongs to {username} already")


def _person(row: dict[str, Any], departments: dict[str, Department], password: str | None, mail_domain: str) -> User:
    username = row["username"]
    defaults = {
        "name": row["name"],
        "department": departments[row["department"]],
        "is_admin": row.get("is_admin", False),
        "wecom_userid": row.get("wecom_userid", username),
        "email": row.get("email", f"{username}@{mail_domain}" if mail_domain else ""),
    }
    user, created = User.objects.update_or_create(username=username, defaults=defaults)
    if created:
        if password:
            user.set_password(password)
        else:
            user.set_unusable_password()
        user.save(update_fields=["password"])
    return user


def _connect(
    document: dict[str, list[dict[str, Any]]],
    departments: dict[str, Department],
    roles: dict[str, Role],
    people: dict[str, User],
) -> None:
    for row in document.get("departments", []):
        department = departments[row["key"]]
        department.parent = departments.get(row.get("parent", ""))
        department.head = people.get(row.get("head", ""))
        department.save(update_fields=["parent", "head"])
    for row in document.get("users", []):
        user = people[row["username"]]
        user.manager = people.get(row.get("manager", ""))
        user.save(update_fields=["manager"])
        held = [roles[key] for key in row.get("roles", [])]
        RoleMember.objects.filter(user=user).exclude(role__in=held).delete()
        RoleMember.objects.bulk_create([RoleMember(user=user, role=r) for r in held], ignore_conflicts=True)
