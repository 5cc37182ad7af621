"""A ticket's files as its page shows them, and their bytes, proved before they leave."""

import hashlib
import logging
from collections.abc import Collection
from hmac import compare_digest
from typing import Any

from django.core.files.base import File
from django.db.models import F, Func, Q, TextField, Value

from tickets.attachments.errors import FileUnavailable
from tickets.attachments.storage import storage
from tickets.models import Attachment

logger = logging.getLogger("baton.attachments")


class _NamedByContent(Func):
    """The hash that the ticket's current content holds for this file; NULL where it does not name it."""

    function = "jsonb_extract_path_text"
    output_field = TextField()

    def __init__(self) -> None:
        super().__init__(F("ticket__content__facts"), Value("attachments"), F("id"))


def attachments_of(ticket_id: int, *, besides: Collection[str] = ()) -> list[dict[str, Any]]:
    """The files that the ticket shows: those its current content names and the loose ones, oldest first.

    Each {id, name, size, content_type}; one statement. besides: ids to leave out, hidden from the reader.
    """
    held = Attachment.objects.filter(ticket_id=ticket_id).alias(held=_NamedByContent())
    shown = held.filter(Q(loose=True) | Q(held__isnull=False)).order_by("created_at", "id")
    return [dict(row) for row in shown.values("id", "name", "size", "content_type") if row["id"] not in besides]


def open_sound(attachment: Attachment) -> File:
    """The file at its first byte, once it has proved to be what was uploaded. Raises FileUnavailable."""
    try:
        file = storage().open(attachment.stored_as, "rb")
    except OSError as error:
        logger.exception("attachments.missing", extra={"attachment": attachment.pk})
        raise FileUnavailable from error
    if not _sound(file, attachment):
        file.close()
        logger.error("attachments.damaged", extra={"attachment": attachment.pk})
        raise FileUnavailable
    file.seek(0)
    return file


def digest_is_sound(attachment: Attachment) -> bool:
    """Whether the stored bytes are those that were uploaded."""
    try:
        with storage().open(attachment.stored_as, "rb") as file:
            return _sound(file, attachment)
    except OSError:
        return False


def _sound(file: File, attachment: Attachment) -> bool:
    if file.size != attachment.size:
        return False
    found = hashlib.sha256()
    for chunk in file.chunks():
        found.update(chunk)
    return compare_digest(found.hexdigest(), attachment.sha256)
