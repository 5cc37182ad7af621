"""A filled-in form in words: labels for keys, names for people and things, dates and money written out.

It is for everything outside the pages: cards, messages, mails, and what an edit changed. The texts are plain and may
hold anything that people typed; each output must escape them.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from accounts.models import Department, User
from templates_engine.fields import FIELD_TYPES
from templates_engine.fields.base import EMPTY
from templates_engine.fields.names import Names
from templates_engine.forms.references import references
from templates_engine.parts import Field
from templates_engine.text import localize

Fields = list[Field]


class Said(NamedTuple):
    """One field in the active language: its key, its label, and its value in words (several lines for a table)."""

    key: str
    label: str
    words: str


def in_words(fields: Fields, values: dict[str, Any], names: Names, hidden: Collection[str] = ()) -> Iterator[Said]:
    """The filled-in fields in words, in the form's order, without the hidden ones."""
    for field in fields:
        value = values.get(field["key"])
        if value not in EMPTY and field["key"] not in hidden:
            yield Said(field["key"], label_of(field), value_in_words(field, value, names))


def label_of(field: Field) -> str:
    """The label of a field, in the active language."""
    return localize(field.get("label") or field["key"])


def value_in_words(field: Field, value: Any, names: Names) -> str:
    """One stored value in words, in the active language; "" if it is empty."""
    return "" if value in EMPTY else FIELD_TYPES[field["type"]].in_words(field, value, names)


def names_in(fields: Fields, forms: Iterable[dict[str, Any]], files: Mapping[str, str] | None = None) -> Names:
    """The names of everything that these stored forms refer to: one statement for people, one for departments.

    A statement that is not needed is not run. files: id → name of the attachments, given by the caller.
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
