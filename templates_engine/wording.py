"""A filled-in form as people read it: labels for keys, names for who and what is named, dates and money written out.

For everything that leaves the pages: cards, messages, mails, what an edit changed. The texts are plain and may hold
whatever people typed; each sink makes them safe for itself.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from accounts.models import Department, User
from templates_engine.fields import FIELD_TYPES
from templates_engine.fields.base import EMPTY
from templates_engine.fields.names import Names
from templates_engine.references import references
from templates_engine.text import localize

Fields = list[dict[str, Any]]


class Said(NamedTuple):
    """One field in the active language: its key, its label, and its value in words (several lines for a table)."""

    key: str
    label: str
    words: str


def in_words(fields: Fields, values: dict[str, Any], names: Names, hidden: Collection[str] = ()) -> Iterator[Said]:
    """The filled-in fields, in the form's order, without the hidden ones."""
    for field in fields:
        value = values.get(field["key"])
        if value not in EMPTY and field["key"] not in hidden:
            yield Said(field["key"], label_of(field), value_in_words(field, value, names))


def label_of(field: dict[str, Any]) -> str:
    """What a field is called, in the active language."""
    return localize(field.get("label") or field["key"])


def value_in_words(field: dict[str, Any], value: Any, names: Names) -> str:
    """One stored value in the active language; empty for an empty one."""
    return "" if value in EMPTY else FIELD_TYPES[field["type"]].in_words(field, value, names)


def names_in(fields: Fields, forms: Iterable[dict[str, Any]], files: Mapping[str, str] | None = None) -> Names:
    """The names of all that these stored forms name: one statement for people, one for departments, none for none.

    files: id → name of the attachments, which others keep.
    """
    asked: dict[str, set[str]] = {"user": set(), "department": set(), "attachment": set()}
    for form in forms:
        for reference in references(fields, form):
            asked[reference.kind].add(reference.key)
    people = User.objects.filter(username__in=asked["user"]).values_list("username", "name")
    departments = Department.objects.filter(key__in=asked["department"]).values_list("key", "name")
    return Names(
        {
            "user": dict(people) if asked["user"] else {},
            "department": dict(departments) if asked["department"] else {},
            "attachment": files or {},
        }
    )
