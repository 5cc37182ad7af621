"""Jobs that wait while no executor of their site is running."""

from collections.abc import Collection, Iterable
from datetime import datetime

from automation.jobs.sites import silent
from automation.models import Job
from automation.states import JobState


def left_waiting(jobs: Iterable[Job], at: datetime) -> Collection[int]:
    """The ids of the jobs that could start now, but whose site has no executor with a recent heartbeat."""
    due = [job for job in jobs if job.state == JobState.WAITING and (job.not_before is None or job.not_before <= at)]
    away = silent({job.site for job in due})
    return frozenset(job.pk for job in due if job.site in away)


def sites_without_executor(at: datetime) -> list[str]:
    """The sites where due jobs wait, but no executor has a recent heartbeat."""
    waiting = Job.objects.filter(state=JobState.WAITING, expires_at__gt=at).exclude(not_before__gt=at)
    return sorted(silent(set(waiting.values_list("site", flat=True))))
