"""Celery entry points of the house."""

from celery import shared_task


@shared_task(name="config.executor_pulse")
def executor_pulse() -> None:
    """Shows that somebody takes what is in the executor's queue: its beginning is the sign of life."""
