"""Celery tasks of tickets; each calls one command and can be repeated after a crash."""

from celery import shared_task
from django.utils import timezone

from tickets.audit import checkpoints
from tickets.background import dispatch, guardian, timers
from tickets.commands import children
from tickets.commands.anchor import anchor_today
from tickets.engine.walk import DISPATCH
from tickets.files import purge


@shared_task(name=DISPATCH)
def dispatch_outbox() -> None:
    """Hand out events from the outbox; called after a commit and by the sweep."""
    dispatch.dispatch()


@shared_task(name=children.WAKE)
def wake_parent(visit_id: int) -> None:
    """Wake the parent of a sub-ticket that has ended."""
    children.wake(visit_id=visit_id, at=timezone.now())


@shared_task(name="tickets.sweep")
def sweep() -> None:
    """Fire due timers, and wake parents whose message was lost."""
    timers.fire_due()
    children.wake_all(timezone.now())


@shared_task(name="tickets.guard")
def guard() -> None:
    """Look for tickets that nobody can move."""
    guardian.sweep()


@shared_task(name="tickets.checkpoint")
def checkpoint() -> None:
    """Add a checkpoint: the chain ends of all tickets with new events."""
    checkpoints.add()


@shared_task(name="tickets.anchor")
def anchor() -> None:
    """Export the end of the checkpoint chain, once a day."""
    anchor_today(timezone.now())


@shared_task(name="tickets.purge_attachments")
def purge_attachments() -> None:
    """Delete uploads that no ticket uses, and files left behind by a killed process."""
    now = timezone.now()
    purge.purge_unused(now)
    purge.sweep_orphans(now)
