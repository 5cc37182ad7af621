"""Background tasks of the reports."""

from celery import shared_task
from django.utils import timezone

from reports.commands.monthly import keep_last_month
from reports.commands.send import plan, send_due
from reports.errors import ReportRunning
from reports.month import Month


@shared_task(name="reports.keep_last_month")
def keep() -> None:
    """Write last month's workbook and send it to its recipients; it may be called any number of times."""
    now = timezone.now()
    month = Month.of(now).previous
    try:
        path = keep_last_month(now)
    except ReportRunning:  # another worker is writing it; the next call finds it
        return
    plan(month, now)
    send_due({str(month): path})
