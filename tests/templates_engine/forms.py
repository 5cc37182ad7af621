"""Fields and forms of every type, for tests."""

from collections.abc import Iterable
from typing import Any

from templates_engine.findings.finding import Finding
from templates_engine.forms.values import check_form
from templates_engine.language.expressions import Expressions

APPLICANT = {"username": "alice", "name": "Alice", "department": "platform", "roles": ["dev"]}
TICKET = {"priority": "normal", "title": "x"}
OPTIONS = {"options": ["x", {"value": "y", "label": {"zh": "歪", "en": "Y"}}, "z"]}
TREE = {
    "options": [
        {
            "value": "east",
            "label": "East",
            "children": [{"value": "sh", "children": [{"value": "a1"}]}, {"value": "nj"}],
        },
        {"value": "west"},
    ]
}
COLUMNS = {
    "columns": [
        {"key": "name", "type": "text", "label": "N", "required": True, "max_length": 5, "pattern": "^[a-z]+$"},
        {"key": "price", "type": "money", "label": "P", "min": 1},
        {"key": "kinds", "type": "multiselect", "label": "K", **OPTIONS},
        {"key": "due", "type": "date", "label": "D"},
        {"key": "away", "type": "daterange", "label": "A", "max_days": 2},
        {"key": "owner", "type": "user", "label": "O"},
    ]
}
ID = "0123456789abcdef" * 2
DAYS = {"start": "2026-11-21", "end": "2026-11-23"}
NEEDED: dict[str, Any] = {
    "select": OPTIONS, "radio": OPTIONS, "multiselect": OPTIONS, "checkbox": OPTIONS, "cascade": TREE, "table": COLUMNS,
}  # fmt: skip


def field(kind: str, key: str = "a", **limits: Any) -> Any:
    """A field of this type with everything that the type requires."""
    return {"key": key, "type": kind, "label": key, **NEEDED.get(kind, {}), **limits}


def form(fields: list[Any], values: Any, **options: Any) -> tuple[dict[str, Any], list[Finding]]:
    """The values as they are stored, and the findings."""
    return check_form(Expressions(fields), values, APPLICANT, TICKET, **options)


def found(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    """(code, path) of each finding."""
    return [(finding.code, finding.path) for finding in findings]
