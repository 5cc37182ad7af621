"""The queue: running jobs, waiting jobs in their order, and why each job does not run yet."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import QuerySet

from accounts.models import User
from automation.jobs.locks import PUT_OFF_S, Wait, waits
from automation.models import Job
from automation.queries.jobs import visible_jobs
from automation.queries.without_executor import left_waiting
from automation.states import JobState
from templates_engine.store.programs import load
from tickets.queries.hidden import tells

WAITS_MAX = 10


@dataclass(frozen=True)
class Waiting:
    """Why these jobs do not run yet, for one reader.

    waits: job → the jobs that block it. away: jobs without a running executor. seen: the blocking jobs that the reader
    may see.
    """

    waits: Mapping[int, Sequence[Wait]]
    away: Collection[int]
    seen: Mapping[int, Job]
    user: User
    at: datetime = field(compare=False)

    def shown(self, job: Job) -> list[dict[str, object]]:
        """The first WAITS_MAX jobs that block this job; a job that this user may not see has no details (I23)."""
        return [self._one(job, wait) for wait in self.waits.get(job.pk, ())[:WAITS_MAX]]

    def _one(self, job: Job, wait: Wait) -> dict[str, object]:
        other = self.seen.get(wait.job)
        is_hidden = hides_hosts(job, self.user) or (other is not None and hides_hosts(other, self.user))
        return {
            "job": other.pk if other else None,
            "ticket": other.ticket.number if other else None,
            "running": wait.is_running,
            "held": wait.is_held,
            "host": wait.host if wait.host and not is_hidden else None,
            "action": wait.action or None,
        }

    def reason(self, job: Job) -> str:
        """The reason as one word: running, paused, time, executor, host, action, system, or place; "" if ended."""
        if job.state != JobState.WAITING:
            return str(job.state) if job.state in (JobState.RUNNING, JobState.PAUSED) else ""
        if job.not_before is not None and job.not_before > self.at:
            return "time"
        if job.pk in self.away:
            return "executor"
        if found := self.waits.get(job.pk):
            return "action" if found[0].action else "host"
        if job.put_off_at is not None and job.put_off_at > self.at - timedelta(seconds=PUT_OFF_S):
            return "system"
        return "place"


def waiting(jobs: Collection[Job], user: User, at: datetime) -> Waiting:
    """Why these jobs do not run yet. No query if none of them waits."""
    due = [job for job in jobs if job.state == JobState.WAITING and (job.not_before is None or job.not_before <= at)]
    found = waits([job.pk for job in due])
    others = {wait.job for some in found.values() for wait in some[:WAITS_MAX]}
    seen = visible_jobs(user, at).filter(pk__in=others).select_related("ticket") if others else ()
    return Waiting(found, left_waiting(due, at), {job.pk: job for job in seen}, user, at)


def hides_hosts(job: Job, user: User) -> bool:
    """Whether this job's hosts come from a hidden form field; then only administrators see them here."""
    program = load(job.ticket.template_version_id)
    hidden = {given["key"] for given in program.form if given.get("hidden_at")}
    return bool(hidden) and not user.is_admin and tells(program.node(job.node).get("targets"), hidden)


def in_order(jobs: QuerySet[Job], at: datetime) -> list[int]:
    """The ids of the running jobs among these, then of the waiting ones in the order in which they will start."""
    moving = jobs.filter(state__in=[JobState.WAITING, JobState.RUNNING])
    rows = moving.values_list("pk", "state", "not_before")

    def place(row: tuple[int, str, datetime | None]) -> tuple[int, datetime, int]:
        pk, state, begins = row
        is_ahead = state == JobState.WAITING and begins is not None and begins > at
        return (0 if state == JobState.RUNNING else 2 if is_ahead else 1, begins if is_ahead and begins else at, pk)

    return [pk for pk, _state, _begins in sorted(rows, key=place)]
