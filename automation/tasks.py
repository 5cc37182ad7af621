"""Celery entry points: an id in, one command out."""

from celery import shared_task

from automation.commands.sweep import sweep as do_sweep
from automation.places import offer


@shared_task(name="automation.run")
def run(job_id: int) -> None:
    """Have one due job run; the message is done with before the job is."""
    offer(job_id)


@shared_task(name="automation.sweep")
def sweep() -> None:
    """Find what no bell rang for."""
    do_sweep()
