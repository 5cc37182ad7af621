"""The errors of the reports."""

from django.utils.translation import gettext_lazy as _

from common.errors import DomainError


class BadMonth(DomainError):
    """The text is not a month of the form 2026-11."""

    code, status = "bad_month", 422
    text = _("This is not a month. Write the year and the month like this: 2026-11.")


class NotForYou(DomainError):
    """The user may not see reports; they cover all tickets and need their own permission (I23)."""

    code, status = "not_allowed", 403
    text = _("Reports show everybody's tickets. Seeing them needs the permission reports.view, which you do not have.")


class ReportRunning(DomainError):
    """This user's last workbook is still being written (A47)."""

    code, status = "report_running", 429
    text = _("Your last workbook is still being written. Try again when it has arrived.")
