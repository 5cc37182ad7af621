"""Deletes old logs of runs. The audit trail and the record of runs keep what ran, where, and how it ended."""

import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from automation.jobs.log import append
from automation.models import Job, JobLog
from automation.states.job import ENDED

BATCH = 100
BUDGET_S = 60.0
GONE = "The log of this run was removed on {day}, {days} days after it had ended.\n"


def purge_logs(at: datetime) -> int:
    """Delete the logs of jobs that ended more than BATON_LOG_DAYS ago, in short transactions. Returns how many jobs.

    One line stays in each log and says so. 0 days: logs are kept for ever.
    """
    if not settings.LOG_DAYS:
        return 0
    until, dropped = time.monotonic() + BUDGET_S, 0
    while gone := _drop_batch(at):
        dropped += gone
        if gone < BATCH or time.monotonic() > until:
            break
    return dropped


@transaction.atomic
def _drop_batch(at: datetime) -> int:
    """Delete the logs of one batch of jobs. Parallel purges take different jobs.

    A log that was deleted before has no piece with start 0.
    """
    begins = JobLog.objects.filter(job=OuterRef("pk"), start=0)
    old = Job.objects.filter(
        Exists(begins), state__in=ENDED, finished_at__lt=at - timedelta(days=settings.LOG_DAYS), log_size__gt=0
    )
    jobs = list(old.select_for_update(skip_locked=True, of=("self",)).order_by("finished_at")[:BATCH])
    JobLog.objects.filter(job__in=[job.pk for job in jobs]).delete()
    for job in jobs:
        append(job, GONE.format(day=at.date().isoformat(), days=settings.LOG_DAYS), ours=True)
    return len(jobs)
