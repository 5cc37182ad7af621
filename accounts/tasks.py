"""Celery entry points."""

from celery import shared_task
from django.utils import timezone

from accounts import dispatch as handing_out
from accounts import guessing, quotas
from accounts.api.idempotency import KEEP
from accounts.commands.proxies import begin_due
from accounts.models import IdempotencyRecord, LoginFailure, Session


@shared_task(name="accounts.purge")
def purge() -> None:
    """Drop answers that nobody will ask for again, sessions that have ended and wrong passwords of long ago."""
    now = timezone.now()
    IdempotencyRecord.objects.filter(created_at__lt=now - KEEP).delete()
    quotas.forget()
    LoginFailure.objects.filter(last_at__lt=now - guessing.KEEP).delete()
    Session.objects.filter(expire_date__lt=now).delete()


@shared_task(name="accounts.dispatch_trail")
def dispatch_trail() -> None:
    """See which proxies begin now, and tell of what was recorded in the trail of administration."""
    begin_due(timezone.now())
    handing_out.dispatch()
