"""Celery tasks of templates."""

from celery import shared_task
from django.utils import timezone

from templates_engine.store.scheduling import publish_due as publish_all_due


@shared_task(name="templates_engine.publish_due")
def publish_due() -> None:
    """Do the publications whose time has come."""
    publish_all_due(timezone.now())
