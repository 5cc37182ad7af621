"""Ends a job that must not start, or that its ticket no longer waits for."""

import logging
from datetime import datetime

from django.db import DatabaseError, transaction

from automation.clock import db_now
from automation.jobs.log import append
from automation.jobs.results import leave, statuses
from automation.jobs.turns import ring_next
from automation.models import Job
from automation.states import Outcome
from tickets.commands import execution
from tickets.trail.shapes.runs import Alarm

logger = logging.getLogger("baton.automation")


def refuse(job: Job, outcome: str, reason: str, alarm: Alarm | None = None) -> None:
    """End a locked, waiting or paused job that must not start; the ticket fails and shows the reason.

    alarm: set if only somebody with write access to the database could cause this; administrators are told (A32).
    """
    at = db_now()
    if alarm:
        logger.error("execution.refused", extra={"job": job.pk, "reason": reason})
    job.refuse(at=at, outcome=outcome)
    job.save()
    append(job, f"Not started: {reason}\n", ours=True)
    leave(job)
    ring_next(job)
    hosts = statuses(job) if job.attempt else {}
    try:
        with transaction.atomic():
            execution.settle(
                visit_id=job.visit_id, job_id=job.pk, at=at, ok=False, outcome=outcome, hosts=hosts, alarm=alarm,
                is_rollback=job.is_rollback,
            )  # fmt: skip
    except DatabaseError:
        raise
    except Exception:  # otherwise the job of a ticket that cannot be read would be tried again for ever too (F37)
        logger.exception("job.unsettled", extra={"job": job.pk})


def forget(job: Job, at: datetime) -> None:
    """End a locked, waiting or paused job that the ticket no longer waits for (I17)."""
    job.cancel(at=at, outcome=Outcome.WITHDRAWN)
    job.save()
    leave(job)
    ring_next(job)
