"""What runs again after a crash: an id in, one command out."""

from celery import shared_task
from django.utils import timezone

from tickets import checkpoints, dispatch, guardian, timers
from tickets.attachments import purge
from tickets.commands import children
from tickets.commands.anchor import anchor_today
from tickets.walk import DISPATCH


@shared_task(name=DISPATCH)
def dispatch_outbox() -> None:
    """Rung after commit and by the sweep."""
    dispatch.dispatch()


@shared_task(name=children.WAKE)
def wake_parent(visit_id: int) -> None:
    """Rung when a sub-ticket has ended."""
    children.wake(visit_id=visit_id, at=timezone.now())


@shared_task(name="tickets.sweep")
def sweep() -> None:
    """What is due, and what no bell was rung for."""
    timers.fire_due()
    children.wake_all(timezone.now())


@shared_task(name="tickets.guard")
def guard() -> None:
    """Tickets that nobody can move."""
    guardian.watch()


@shared_task(name="tickets.checkpoint")
def checkpoint() -> None:
    """The ends of the trails that had news, chained."""
    checkpoints.add()


@shared_task(name="tickets.anchor")
def anchor() -> None:
    """The end of that chain, out of the database once a day."""
    anchor_today(timezone.now())


@shared_task(name="tickets.purge_attachments")
def purge_attachments() -> None:
    """Uploads that no ticket took, and files that a killed process left."""
    now = timezone.now()
    purge.purge_unused(now)
    purge.sweep_orphans(now)
