"""Important fields (amounts, people, hosts): a change asks the approvers again, unless the node says otherwise."""

from collections.abc import Iterable
from typing import Any

from templates_engine.forms.values import FieldChange
from templates_engine.parts import Field

WEIGHTY = frozenset({"money", "number", "user", "users", "department", "hosts"})


def is_important(form: list[Field], diff: Iterable[FieldChange]) -> bool:
    """Whether one of these changes affects an important field, or such a column of a table."""
    fields = {field["key"]: field for field in form}
    return any(_weighs(fields[change["field"]], change) for change in diff)


def _weighs(field: Field, change: FieldChange) -> bool:
    if field["type"] != "table":
        return field["type"] in WEIGHTY
    keys = [column["key"] for column in field["columns"] if column["type"] in WEIGHTY]
    return any(_column(change["before"], key) != _column(change["after"], key) for key in keys)


def _column(rows: list[dict[str, Any]] | None, key: str) -> list[Any]:
    """The values of a column, row by row."""
    return [row.get(key) for row in rows or []]
