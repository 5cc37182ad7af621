"""What a ticket asks for, in the words of its reader: the fields he may see, those that tell most, what would run."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils import timezone

from accounts.models import User
from templates_engine.program import load
from templates_engine.wording import Said, in_words, names_in
from tickets.models import Attachment, Ticket
from tickets.queries.detail import hidden_from
from tickets.queries.plans import childrens_plans, own_plans

# Where the template names no `summary`: what tells most first, fields of one kind in the form's order.
TELLING = (
    "hosts", "money", "daterange", "date", "datetime", "select", "radio", "cascade", "user", "department", "number",
    "multiselect", "checkbox", "users", "switch", "text", "textarea", "markdown",
)  # fmt: skip
LONG = frozenset({"textarea", "markdown"})


@dataclass(frozen=True)
class Contents:
    """A ticket's content for one reader, in the active language. hidden: keys of fields that are not for him."""

    ticket: Ticket
    hidden: frozenset[str]

    @cached_property
    def form(self) -> list[Said]:
        """All filled-in fields that he may see, in the form's order."""
        content = self.ticket.content
        if content is None:
            return []
        names = names_in(self._fields, [content.form], files_of(self.ticket, self._fields))
        return list(in_words(self._fields, content.form, names, self.hidden))

    def telling(self, most: int) -> list[Said]:
        """The fields that matter: those of the template's `summary`, else by their type; at most so many."""
        said = {field.key: field for field in self.form}
        return [said[key] for key in self._order if key in said][:most]

    def without(self, more: Collection[str]) -> "Contents":
        """The same with these fields hidden, too."""
        return Contents(self.ticket, self.hidden | set(more))

    def long_words(self, beside: Iterable[Said] = ()) -> str:
        """The first long text that is not among these fields: mostly why somebody asks. Empty where there is none."""
        taken = {field.key for field in beside}
        long = {field["key"] for field in self._fields if field["type"] in LONG}
        return next((f"{s.label}: {s.words}" for s in self.form if s.key in long - taken), "")

    @cached_property
    def plans(self) -> list[dict[str, Any]]:
        """What would run, with what people read beside it, masked as on the page; sub-tickets' at the end."""
        content = self.ticket.content
        if content is None:
            return []
        program = load(self.ticket.template_version_id)
        return [
            *own_plans(content.plans, program, self.hidden),
            *childrens_plans(content.children, program, self.hidden),
        ]

    @property
    def _document(self) -> dict[str, Any]:
        document: dict[str, Any] = self.ticket.template_version.document
        return document

    @property
    def _fields(self) -> list[dict[str, Any]]:
        return self._document.get("form") or []

    @property
    def _order(self) -> list[str]:
        if summary := self._document.get("summary"):
            return list(summary)
        told = [field for field in self._fields if field["type"] in TELLING]
        return [field["key"] for field in sorted(told, key=lambda field: TELLING.index(field["type"]))]


def contents(ticket: Ticket, reader: User) -> Contents:
    """The ticket's content for this reader, as it is now."""
    return Contents(ticket, hidden_from(reader, ticket, timezone.now()))


def files_of(ticket: Ticket, fields: list[dict[str, Any]]) -> dict[str, str]:
    """Id → name of the ticket's files; no statement where its form takes none."""
    if not any(field["type"] == "attachment" for field in fields):
        return {}
    return dict(Attachment.objects.filter(ticket=ticket).values_list("id", "name"))
