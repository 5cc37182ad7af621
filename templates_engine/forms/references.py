"""The references of form values to things outside the form: people, departments, uploaded files."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from accounts.models import Department, User
from templates_engine.fields import FIELD_TYPES
from templates_engine.findings.finding import Finding, suggest
from templates_engine.parts import Field


@dataclass(frozen=True)
class Reference:
    """One reference of a value. kind: user, department or attachment; path: such as form.items[3].owner."""

    kind: str
    key: str
    path: str


def references(fields: list[Field], values: dict[str, Any]) -> list[Reference]:
    """All references of these stored values, in the form's order, those in table rows included."""
    return list(_references(fields, values, "form"))


def _references(fields: list[Field], values: dict[str, Any], path: str) -> Iterator[Reference]:
    for field in fields:
        value, here = values.get(field["key"]), f"{path}.{field['key']}"
        kind = FIELD_TYPES[field["type"]].refers_to
        if value is None:
            continue
        if field["type"] == "table":
            for index, row in enumerate(value):
                yield from _references(field["columns"], row, f"{here}[{index}]")
        elif kind and isinstance(value, list):
            yield from (Reference(kind, key, f"{here}[{index}]") for index, key in enumerate(value))
        elif kind:
            yield Reference(kind, value, here)


def missing_references(found: list[Reference], standing: list[Reference] | None = None) -> list[Finding]:
    """Findings for people who do not exist or are not active, and for unknown departments; one statement for each kind.

    References in `standing` (the values before an edit) are not checked again, so that an edit is possible after
    somebody has left. Attachments are checked by `tickets`.
    """
    kept = {(reference.kind, reference.key) for reference in standing or ()}
    found = [reference for reference in found if (reference.kind, reference.key) not in kept]
    asked = {kind: {reference.key for reference in found if reference.kind == kind} for kind in ("user", "department")}
    known: dict[str, set[str]] = {"user": set(), "department": set()}
    if asked["user"]:
        people = User.objects.filter(username__in=asked["user"], is_active=True)
        known["user"] = set(people.values_list("username", flat=True))
    if asked["department"]:
        known["department"] = set(Department.objects.values_list("key", flat=True))
    return [
        _missing(reference, known[reference.kind])
        for reference in found
        if reference.kind in known and reference.key not in known[reference.kind]
    ]


def _missing(reference: Reference, known: set[str]) -> Finding:
    if reference.kind == "user":
        return Finding("unknown_user", reference.path, {"key": reference.key})
    details = {"key": reference.key, "suggestion": suggest(reference.key, sorted(known))}
    return Finding("unknown_department", reference.path, details)
