"""A ticket's content for one reader: the fields they may see, the most important of them, and what would run."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils import timezone

from accounts.models import User
from templates_engine.forms.wording import Said, in_words, names_in
from templates_engine.parts import Document, Field
from templates_engine.store.programs import load
from tickets.models import Attachment, Ticket
from tickets.queries.detail import hidden_from
from tickets.queries.plans import childrens_plans, own_plans

# Order of field types if the template has no `summary`, most important first; within a type, the form's order.
NOTICE = (
    "hosts", "money", "daterange", "date", "datetime", "select", "radio", "cascade", "user", "department", "number",
    "multiselect", "checkbox", "users", "switch", "text", "textarea", "markdown",
)  # fmt: skip
LONG = frozenset({"textarea", "markdown"})


@dataclass(frozen=True)
class Contents:
    """A ticket's content for one reader, in the active language. hidden: keys of the fields hidden from them."""

    ticket: Ticket
    hidden: frozenset[str]

    @cached_property
    def form(self) -> list[Said]:
        """All filled-in fields that the reader may see, in the form's order."""
        content = self.ticket.content
        if content is None:
            return []
        names = names_in(self._fields, [content.form], files_of(self.ticket, self._fields))
        return list(in_words(self._fields, content.form, names, self.hidden))

    def most_important(self, most: int) -> list[Said]:
        """The most important fields: those of the template's `summary`, else ordered by type; at most `most`."""
        said = {field.key: field for field in self.form}
        return [said[key] for key in self._order if key in said][:most]

    def without(self, more: Collection[str]) -> "Contents":
        """The same content with these fields hidden too."""
        return Contents(self.ticket, self.hidden | set(more))

    def long_words(self, beside: Iterable[Said] = ()) -> str:
        """The first long text that is not in `beside`: usually the reason of the request. "" if there is none."""
        taken = {field.key for field in beside}
        long = {field["key"] for field in self._fields if field["type"] in LONG}
        return next((f"{s.label}: {s.words}" for s in self.form if s.key in long - taken), "")

    @cached_property
    def plans(self) -> list[dict[str, Any]]:
        """The plans that would run, with their labels, masked as on the page; plans of sub-tickets come last."""
        content = self.ticket.content
        if content is None:
            return []
        program = load(self.ticket.template_version_id)
        return [
            *own_plans(content.plans, program, self.hidden, self.ticket.foreseen),
            *childrens_plans(content.children, program, self.hidden),
        ]

    @property
    def _document(self) -> Document:
        document: Document = self.ticket.template_version.document
        return document

    @property
    def _fields(self) -> list[Field]:
        return self._document.get("form") or []

    @property
    def _order(self) -> list[str]:
        if summary := self._document.get("summary"):
            return list(summary)
        told = [field for field in self._fields if field["type"] in NOTICE]
        return [field["key"] for field in sorted(told, key=lambda field: NOTICE.index(field["type"]))]


def contents(ticket: Ticket, reader: User) -> Contents:
    """The ticket's current content for this reader."""
    return Contents(ticket, hidden_from(reader, ticket, timezone.now()))


def files_of(ticket: Ticket, fields: list[Field]) -> dict[str, str]:
    """Id → name of the ticket's files; no database query if the form has no attachment field."""
    if not any(field["type"] == "attachment" for field in fields):
        return {}
    return dict(Attachment.objects.filter(ticket=ticket).values_list("id", "name"))
