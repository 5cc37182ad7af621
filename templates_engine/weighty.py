"""Fields of weight: a change of what is paid, of whom or of what it is about is asked again where nobody says else."""

from collections.abc import Mapping
from typing import Any

WEIGHTY = frozenset({"money", "number", "user", "users", "department", "hosts"})


def is_weighty(form: list[dict[str, Any]], diff: list[dict[str, Any]]) -> bool:
    """Whether one of these changes, {field, before, after} each, touches such a field, or such a column of a table."""
    fields = {field["key"]: field for field in form}
    return any(_weighs(fields[change["field"]], change) for change in diff)


def _weighs(field: Mapping[str, Any], change: Mapping[str, Any]) -> bool:
    if field["type"] != "table":
        return field["type"] in WEIGHTY
    keys = [column["key"] for column in field["columns"] if column["type"] in WEIGHTY]
    return any(_column(change["before"], key) != _column(change["after"], key) for key in keys)


def _column(rows: list[dict[str, Any]] | None, key: str) -> list[Any]:
    """What a column holds, row by row."""
    return [row.get(key) for row in rows or []]
