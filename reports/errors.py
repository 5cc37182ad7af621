"""What can go wrong, by name."""

from django.utils.translation import gettext_lazy as _

from config.errors import DomainError


class BadMonth(DomainError):
    """Not a month of the form 2026-11."""

    code, status = "bad_month", 422
    text = _("This is not a month. Write the year and the month like this: 2026-11.")


class ReportRunning(DomainError):
    """This person's last workbook is still being written (A47)."""

    code, status = "report_running", 429
    text = _("Your last workbook is still being written. Try again when it has arrived.")
