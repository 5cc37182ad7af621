"""Background work of the reports."""

from celery import shared_task
from django.utils import timezone

from reports.commands.monthly import keep_last_month


@shared_task(name="reports.keep_last_month")
def keep() -> None:
    """Last month's workbook, once the month is over; call it as often as you like."""
    keep_last_month(timezone.now())
