"""Files named by a form: may they be, and whose are they from then on?

A content names files by id and freezes their hashes, so what an approver signs includes every byte of them (A6).
A file belongs to one ticket for good. A copy of a ticket starts without files: `without_attachments`.
"""

from collections.abc import Collection, Iterator
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import User
from tickets.attachments.content_types import fits_extension
from tickets.attachments.errors import MB
from tickets.attachments.names import extension
from tickets.errors import Invalid
from tickets.models import Attachment, Ticket

Finding = dict[str, Any]
Named = tuple[str, str, dict[str, Any]]  # (path, id, field)


def named_files(form: dict[str, Any], fields: list[dict[str, Any]], path: str = "form") -> Iterator[Named]:
    """(path, id, field) of every file that these values name, in the order of the form; rows of tables included."""
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
    form: dict[str, Any], fields: list[dict[str, Any]], *, actor: User, ticket: Ticket
) -> tuple[list[Finding], dict[str, str]]:
    """(what is wrong with the files that checked values name, {id: sha256} of those files).

    A file must be this ticket's already, or the actor's own and in no ticket yet. Changes nothing: `claim` does. One
    statement, none where no file is named. ticket: may be unsaved.
    """
    named = list(named_files(form, fields))
    if not named:
        return [], {}
    ids = {item for _path, item, _field in named}
    usable = {row.pk: row for row in Attachment.objects.filter(pk__in=ids) if _usable(row, actor, ticket)}
    findings: list[Finding] = []
    hashes: dict[str, str] = {}
    for path, item, field in named:
        row = usable.get(item)
        if row is None:
            findings.append(_finding(path, "unknown_attachment", _("There is no such file that you may use.")))
        elif item in hashes:
            findings.append(_finding(path, "repeated_item", _("This file is named twice.")))
        else:
            hashes[item] = row.sha256
            findings += _limits(path, row, field)
    if len(hashes) > settings.ATTACHMENTS_PER_TICKET:
        message = _("A ticket may have %(limit)s files at most.") % {"limit": settings.ATTACHMENTS_PER_TICKET}
        findings.append(_finding("form", "too_many_attachments", message))
    return findings, hashes


def _usable(row: Attachment, actor: User, ticket: Ticket) -> bool:
    if row.ticket_id is None:
        return row.owner_id == actor.pk
    return row.ticket_id == ticket.pk


def _limits(path: str, row: Attachment, field: dict[str, Any]) -> Iterator[Finding]:
    most = field.get("max_size_mb")
    if most is not None and row.size > most * MB:
        yield _finding(
            path, "attachment_too_large", _("The file is too large: %(limit)s MB at most.") % {"limit": most}
        )
    accepted = field.get("accept")
    if not accepted:
        return
    if not row.name.lower().endswith(tuple(f".{kind}" for kind in accepted)):
        message = _("Only files of these kinds: %(kinds)s.") % {"kinds": ", ".join(accepted)}
        yield _finding(path, "attachment_type", message)
    elif not fits_extension(extension(row.name), row.content_type):
        message = _("The file's content is not what its name says (%(name)s).") % {"name": row.name}
        yield _finding(path, "attachment_type", message)


def _finding(path: str, code: str, message: str) -> Finding:
    return {"path": path, "code": code, "message": message}


def claim(ids: Collection[str], ticket: Ticket) -> None:
    """Give the files that `bind` accepted to this saved ticket, in its transaction; no statement for no files.

    Raises Invalid where another ticket took one of them, or the purge dropped it, since then.
    """
    if not ids:
        return
    Attachment.objects.filter(pk__in=ids, ticket__isnull=True).update(ticket=ticket)
    if Attachment.objects.filter(pk__in=ids, ticket=ticket).count() != len(set(ids)):
        raise Invalid([_finding("form", "unknown_attachment", _("There is no such file that you may use."))])


def hidden_files(form: dict[str, Any], fields: list[dict[str, Any]], hidden: Collection[str]) -> set[str]:
    """The ids that these values name in hidden fields alone."""
    if not hidden:
        return set()
    everywhere = {item for _path, item, _field in named_files(form, fields)}
    shown = {key: value for key, value in form.items() if key not in hidden}
    return everywhere - {item for _path, item, _field in named_files(shown, fields)}


def without_attachments(form: dict[str, Any], fields: list[dict[str, Any]]) -> dict[str, Any]:
    """These values for a copy of the ticket: its files stay with the original."""
    kept = {}
    types = {field["key"]: field for field in fields}
    for key, value in form.items():
        field = types.get(key, {"type": ""})
        if field["type"] == "table" and isinstance(value, list):
            kept[key] = [without_attachments(row, field["columns"]) for row in value]
        elif field["type"] != "attachment":
            kept[key] = value
    return kept
