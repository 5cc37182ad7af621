"""Celery entry points: an id in, one command out."""

from celery import shared_task

from automation.commands.sweep import sweep as do_sweep
from automation.run import run as do_run


@shared_task(name="automation.run")
def run(job_id: int) -> None:
    """Run one due job."""
    do_run(job_id)


@shared_task(name="automation.sweep")
def sweep() -> None:
    """Find what no bell rang for."""
    do_sweep()
