"""Read stored files, verified before they are sent."""

import hashlib
import logging
from hmac import compare_digest

from django.core.files.base import File

from tickets.files.errors import FileUnavailable
from tickets.files.storage import storage
from tickets.models import Attachment

logger = logging.getLogger("baton.attachments")


def open_sound(attachment: Attachment) -> File:
    """Open the file, after checking that it is what was uploaded. Raises FileUnavailable."""
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
