"""Celery tasks of accounts."""

from celery import shared_task
from django.utils import timezone

from accounts.access import guessing, quotas
from accounts.api.idempotency import KEEP
from accounts.commands.proxies import begin_due
from accounts.models import IdempotencyRecord, LoginFailure, Session
from accounts.trail import dispatch as handing_out


@shared_task(name="accounts.purge")
def purge() -> None:
    """Delete old stored responses, full quotas, old login failures and expired sessions."""
    now = timezone.now()
    IdempotencyRecord.objects.filter(created_at__lt=now - KEEP).delete()
    quotas.forget()
    LoginFailure.objects.filter(last_at__lt=now - guessing.KEEP).delete()
    Session.objects.filter(expire_date__lt=now).delete()


@shared_task(name="accounts.dispatch_trail")
def dispatch_trail() -> None:
    """Record proxies that begin now, and hand out acts of the administration trail."""
    begin_due(timezone.now())
    handing_out.dispatch()
