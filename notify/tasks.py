"""Celery entry points: an id in, one call out. The time limit ends what hangs before its lease runs out."""

from celery import shared_task
from django.utils import timezone

from notify import deliver as sending
from notify import purge as purging
from notify import sweep as sweeping
from notify.wecom import process


@shared_task(name="notify.deliver", soft_time_limit=60, time_limit=90)
def deliver(delivery_id: int) -> None:
    """Send one delivery."""
    sending.deliver(delivery_id)


@shared_task(name="notify.process_callback", soft_time_limit=60, time_limit=90)
def process_callback(callback_id: int) -> None:
    """Decide what one tap decided."""
    process.process_callback(callback_id)


@shared_task(name="notify.sweep", soft_time_limit=90, time_limit=110)
def sweep() -> None:
    """Find what no bell announced."""
    sweeping.sweep()


@shared_task(name="notify.purge", soft_time_limit=90, time_limit=110)
def purge() -> None:
    """Drop old deliveries."""
    purging.purge(timezone.now())
