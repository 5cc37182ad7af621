"""Errors of uploads and downloads."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from common.errors import DomainError

MB = 1024 * 1024


class AttachmentTooLarge(DomainError):
    """The file is larger than allowed."""

    code, status = "attachment_too_large", 413

    def __init__(self) -> None:
        limit = settings.ATTACHMENT_MAX_BYTES // MB
        super().__init__(str(_("The file is too large: %(limit)s MB at most.")) % {"limit": limit}, limit_mb=limit)


class QuotaExceeded(DomainError):
    """This person has reached their upload quota."""

    code, status = "quota_exceeded", 409
    text = _("You have reached the limit of your uploads. Ask your administrator for more space.")


class TooManyUnused(QuotaExceeded):
    """This person has too many uploads that no ticket uses."""

    text = _("Too many of your uploads are not used in a ticket yet. Submit the ticket, or try again tomorrow.")


class TooManyAttachments(DomainError):
    """The ticket has reached the limit of files."""

    code, status = "too_many_attachments", 409
    text = _("This ticket has as many files as one may have.")


class StorageFull(DomainError):
    """The storage is full; nothing of the file was kept (F36)."""

    code, status = "storage_full", 507
    text = _("There is no space left for files. Nothing was stored; tell your administrator, then try again.")


class FileUnavailable(DomainError):
    """The row exists, but the bytes are missing or differ from the upload."""

    code, status = "file_unavailable", 503
    text = _("The stored file is missing or damaged, so it cannot be downloaded. Tell your administrator.")
