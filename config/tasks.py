"""Celery tasks of config."""

from celery import shared_task


@shared_task(name="config.executor_pulse")
def executor_pulse() -> None:
    """Show that the executor's queue is read: the start of this task is recorded as a heartbeat (config.pulses)."""
