"""Why a file is not taken, or not given."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from config.errors import DomainError

MB = 1024 * 1024


class AttachmentTooLarge(DomainError):
    """Beyond the limit of one file."""

    code, status = "attachment_too_large", 413

    def __init__(self) -> None:
        limit = settings.ATTACHMENT_MAX_BYTES // MB
        super().__init__(str(_("The file is too large: %(limit)s MB at most.")) % {"limit": limit}, limit_mb=limit)


class QuotaExceeded(DomainError):
    """This person has uploaded as much as one person may."""

    code, status = "quota_exceeded", 409
    text = _("You have uploaded as much as one person may. Ask your administrator for more room.")


class TooManyUnused(QuotaExceeded):
    """This person has too many uploads that no ticket uses."""

    text = _("Too many of your uploads are not used in a ticket yet. Hand in the ticket, or try again tomorrow.")


class TooManyAttachments(DomainError):
    """The ticket has as many files as one may have."""

    code, status = "too_many_attachments", 409
    text = _("This ticket has as many files as one may have.")


class StorageFull(DomainError):
    """No room for the file; nothing of it was kept (F36)."""

    code, status = "storage_full", 507
    text = _("There is no room left for files. Nothing was stored; tell your administrator, then try again.")


class FileUnavailable(DomainError):
    """The row is there, the bytes are not, or they are not those that were uploaded."""

    code, status = "file_unavailable", 503
    text = _("The stored file is missing or damaged, so it is not handed out. Tell your administrator.")
