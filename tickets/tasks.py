"""What runs again after a crash: an id in, one command out."""

from celery import shared_task

from tickets import dispatch
from tickets.walk import DISPATCH


@shared_task(name=DISPATCH)
def dispatch_outbox() -> None:
    """Rung after commit and by the sweep."""
    dispatch.dispatch()
