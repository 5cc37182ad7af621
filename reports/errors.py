"""What can go wrong, by name."""

from django.utils.translation import gettext_lazy as _

from config.errors import DomainError


class BadMonth(DomainError):
    """Not a month of the form 2026-11."""

    code, status = "bad_month", 422
    text = _("This is not a month. Write the year and the month like this: 2026-11.")


class NotForYou(DomainError):
    """Reports are over all tickets: seeing them is a right of its own (I23)."""

    code, status = "not_allowed", 403
    text = _("Reports show everybody's tickets. Seeing them needs the right reports.view, which you do not have.")


class ReportRunning(DomainError):
    """This person's last workbook is still being written (A47)."""

    code, status = "report_running", 429
    text = _("Your last workbook is still being written. Try again when it has arrived.")
