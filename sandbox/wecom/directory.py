"""The corp's departments and members, read once from an organisation file."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from sandbox.web.errors import StartError

ROOT_ID = 1


@dataclass(frozen=True)
class Department:
    id: int
    name: str
    parent_id: int
    order: int
    heads: tuple[str, ...]


@dataclass(frozen=True)
class Member:
    """One person. `departments` holds ids, the main one first."""

    userid: str
    name: str
    departments: tuple[int, ...]
    leaders: tuple[str, ...]
    position: str


@dataclass
class Directory:
    """Members by lower-cased userid: WeCom compares userids without case."""

    departments: dict[int, Department]
    members: dict[str, Member] = field(default_factory=dict)

    def member(self, userid: str) -> Member | None:
        return self.members.get(userid.lower())

    def subtree(self, department_id: int) -> list[Department]:
        """The department and everything below it, parents first."""
        found = [self.departments[department_id]] if department_id in self.departments else []
        for department in found:
            found.extend(child for child in self.departments.values() if child.parent_id == department.id)
        return found

    def members_of(self, department_ids: set[int]) -> Iterator[Member]:
        return (m for m in self.members.values() if department_ids.intersection(m.departments))


def read_directory(path: Path) -> Directory:
    """Raises StartError when the file is not an organisation."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        return build_directory(document)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise StartError(f"SANDBOX_DIRECTORY cannot be read: {' '.join(str(error).split())}") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StartError(f"SANDBOX_DIRECTORY {path} is not an organisation file: {error!r}") from error


def build_directory(document: Any) -> Directory:
    rows = document["departments"]
    ids = {row["key"]: int(row.get("wecom_id", place)) for place, row in enumerate(rows, ROOT_ID)}
    departments = {
        ids[row["key"]]: Department(
            id=ids[row["key"]],
            name=str(row["name"]),
            parent_id=ids[row["parent"]] if row.get("parent") else 0,
            order=1000 - place,
            heads=(str(row["head"]),) if row.get("head") else (),
        )
        for place, row in enumerate(rows)
    }
    roles = {row["key"]: row.get("name", row["key"]) for row in document.get("roles") or []}
    directory = Directory(departments)
    for row in document["users"]:
        member = build_member(row, ids, roles)
        directory.members[member.userid.lower()] = member
    return directory


def build_member(row: dict[str, Any], ids: dict[str, int], roles: dict[str, Any]) -> Member:
    titles = [roles[key] for key in row.get("roles") or []]
    return Member(
        userid=str(row["username"]),
        name=str(row["name"]),
        departments=(ids[row["department"]],),
        leaders=(str(row["manager"]),) if row.get("manager") else (),
        position="、".join(t["zh"] if isinstance(t, dict) else str(t) for t in titles),
    )
