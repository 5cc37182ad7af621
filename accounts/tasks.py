"""Celery entry points."""

from celery import shared_task
from django.utils import timezone

from accounts.api.idempotency import KEEP
from accounts.models import IdempotencyRecord, Session


@shared_task(name="accounts.purge")
def purge() -> None:
    """Drop answers that nobody will ask for again and sessions that have ended."""
    now = timezone.now()
    IdempotencyRecord.objects.filter(created_at__lt=now - KEEP).delete()
    Session.objects.filter(expire_date__lt=now).delete()
