"""Celery tasks: each takes an id at most and makes one call. Time limits stop a task before its lease expires."""

from celery import shared_task
from django.utils import timezone

from notify.sending import deliver as sending
from notify.sending import purge as purging
from notify.sending import sweep as sweeping
from notify.wecom import process


@shared_task(name="notify.deliver", soft_time_limit=60, time_limit=90)
def deliver(delivery_id: int) -> None:
    """Send one delivery."""
    sending.deliver(delivery_id)


@shared_task(name="notify.process_callback", soft_time_limit=60, time_limit=90)
def process_callback(callback_id: int) -> None:
    """Process one tap."""
    process.process_callback(callback_id)


@shared_task(name="notify.sweep", soft_time_limit=90, time_limit=110)
def sweep() -> None:
    """Process due rows that no task was started for."""
    sweeping.sweep()


@shared_task(name="notify.purge", soft_time_limit=90, time_limit=110)
def purge() -> None:
    """Delete old deliveries."""
    purging.purge(timezone.now())
