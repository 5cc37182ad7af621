"""Bind the files named by a form to a ticket.

A content names files by id and contains their hashes, so an approver signs every byte of them (A06). A file belongs
to one ticket permanently. A copy of a ticket starts without files: see `without_attachments`.
"""

from collections.abc import Collection, Iterator
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import Problem, finding
from templates_engine.parts import Field
from tickets.errors import Invalid
from tickets.files.content_types import fits_extension
from tickets.files.errors import MB
from tickets.files.names import extension
from tickets.models import Attachment, Ticket

Named = tuple[str, str, Field]  # (path, id, field)


def named_files(form: dict[str, Any], fields: list[Field], path: str = "form") -> Iterator[Named]:
    """(path, id, field) of every file named by these values, in form order, including rows of tables."""
    for field in fields:
        value = form.get(field["key"])
        if not isinstance(value, list):
            continue
        if field["type"] == "attachment":
            yield from ((f"{path}.{field['key']}[{i}]", item, field) for i, item in enumerate(value))
        elif field["type"] == "table":
            for i, row in enumerate(value):
                if isinstance(row, dict):
                    yield from named_files(row, field["columns"], f"{path}.{field['key']}[{i}]")


def bind(
    form: dict[str, Any], fields: list[Field], *, actor: User, ticket: Ticket
) -> tuple[list[Problem], dict[str, str]]:
    """Return (findings about the files named by checked values, {id: sha256} of those files).

    A file must belong to this ticket already, or be the actor's own and unbound. Changes nothing: `claim` does. One
    statement; none if no file is named. ticket: may be unsaved.
    """
    named = list(named_files(form, fields))
    if not named:
        return [], {}
    ids = {item for _path, item, _field in named}
    usable = {row.pk: row for row in Attachment.objects.filter(pk__in=ids) if _usable(row, actor, ticket)}
    findings: list[Problem] = []
    hashes: dict[str, str] = {}
    for path, item, field in named:
        row = usable.get(item)
        if row is None:
            findings.append(finding(path, "unknown_attachment", _("There is no such file that you may use.")))
        elif item in hashes:
            findings.append(finding(path, "repeated_item", _("This file is named twice.")))
        else:
            hashes[item] = row.sha256
            findings += _limits(path, row, field)
    if len(hashes) > settings.ATTACHMENTS_PER_TICKET:
        message = _("A ticket may have %(limit)s files at most.") % {"limit": settings.ATTACHMENTS_PER_TICKET}
        findings.append(finding("form", "too_many_attachments", message))
    return findings, hashes


def _usable(row: Attachment, actor: User, ticket: Ticket) -> bool:
    if row.ticket_id is None:
        return row.owner_id == actor.pk
    return row.ticket_id == ticket.pk


def _limits(path: str, row: Attachment, field: Field) -> Iterator[Problem]:
    most = field.get("max_size_mb")
    if most is not None and row.size > most * MB:
        yield finding(path, "attachment_too_large", _("The file is too large: %(limit)s MB at most.") % {"limit": most})
    accepted = field.get("accept")
    if not accepted:
        return
    if not row.name.lower().endswith(tuple(f".{kind}" for kind in accepted)):
        message = _("Only files of these kinds: %(kinds)s.") % {"kinds": ", ".join(accepted)}
        yield finding(path, "attachment_type", message)
    elif not fits_extension(extension(row.name), row.content_type):
        message = _("The file's content is not what its name says (%(name)s).") % {"name": row.name}
        yield finding(path, "attachment_type", message)


def claim(ids: Collection[str], ticket: Ticket) -> None:
    """Bind the files accepted by `bind` to this saved ticket, in its transaction; no statement without files.

    Raises Invalid if one of them was bound to another ticket or purged in the meantime.
    """
    if not ids:
        return
    Attachment.objects.filter(pk__in=ids, ticket__isnull=True).update(ticket=ticket)
    if Attachment.objects.filter(pk__in=ids, ticket=ticket).count() != len(set(ids)):
        raise Invalid([finding("form", "unknown_attachment", _("There is no such file that you may use."))])


def hidden_files(form: dict[str, Any], fields: list[Field], hidden: Collection[str]) -> set[str]:
    """The ids that these values name only in hidden fields."""
    if not hidden:
        return set()
    everywhere = {item for _path, item, _field in named_files(form, fields)}
    shown = {key: value for key, value in form.items() if key not in hidden}
    return everywhere - {item for _path, item, _field in named_files(shown, fields)}


def without_attachments(form: dict[str, Any], fields: list[Field]) -> dict[str, Any]:
    """The values for a copy of the ticket, without its files."""
    kept = {}
    types = {field["key"]: field for field in fields}
    for key, value in form.items():
        field = types.get(key)
        if field and field["type"] == "table" and isinstance(value, list):
            kept[key] = [without_attachments(row, field["columns"]) for row in value]
        elif field is None or field["type"] != "attachment":
            kept[key] = value
    return kept
