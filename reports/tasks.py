"""Background work of the reports."""

from celery import shared_task
from django.utils import timezone

from reports.commands.monthly import keep_last_month
from reports.commands.send import plan, send_due
from reports.errors import ReportRunning
from reports.month import Month


@shared_task(name="reports.keep_last_month")
def keep() -> None:
    """Last month's workbook, once the month is over, and to whom it goes; call it as often as you like."""
    now = timezone.now()
    month = Month.of(now).previous
    try:
        path = keep_last_month(now)
    except ReportRunning:  # another worker writes it just now; the next call finds it
        return
    plan(month, now)
    send_due({str(month): path})
