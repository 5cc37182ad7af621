"""Claims a job for a worker. Nothing runs without a claim."""

import logging
from dataclasses import dataclass

from django.db import DatabaseError, transaction
from django.db.models import Q
from django.db.models.functions import Now

from automation.actions.files import SHORT
from automation.actions.library import action_of
from automation.audit import recording
from automation.clock import db_now
from automation.dry_runs import recheck
from automation.executors.base import Order
from automation.jobs.log import append
from automation.jobs.orders import stages_of
from automation.jobs.refusing import forget, refuse
from automation.jobs.signed import TooLate, require_signed
from automation.jobs.sites import is_mine
from automation.jobs.stages import Stage
from automation.jobs.turns import Busy, has_to_queue, take_turn
from automation.journal import runs
from automation.journal.book import JournalUnusable
from automation.journal.runs import BegunBefore, Entry
from automation.models import Job
from automation.states import JobState, Outcome
from tickets.commands import execution
from tickets.commands.execution import Approved, ExecutionRefused
from tickets.errors import AlreadyRunning, WrongState
from tickets.trail.shapes.runs import Alarm, Pledged

logger = logging.getLogger("baton.automation")


@dataclass(frozen=True)
class Claim:
    """A job that this worker holds for one attempt. entry: its journal entry. origin: for the record of runs."""

    job_id: int
    attempt: int
    stages: tuple[Stage, ...]
    entry: Entry
    origin: recording.Origin

    @property
    def order(self) -> Order:
        """The order of the first stage, which is usually the only one."""
        return self.stages[0].order


def claim(job_id: int) -> Claim | None:
    """Start a due job; None if there is nothing to start. Only one caller wins, once per approval (I14).

    Locks the job, then the ticket. A job that fails the checks of `execution.begin` never starts (I13, I17). The
    journal entry is written before the database commits: without a commit the entry is voided; if this process dies
    in between, the run counts as `unknown`. A job that another job blocks keeps waiting, unchanged. Raises
    JournalUnusable; nothing may run then, and the job keeps waiting too.
    """
    entries: list[Entry] = []
    try:
        with transaction.atomic():
            claimed = _claim(job_id, entries)
    except Exception:
        _strike_out(entries)
        raise
    if claimed is None:
        _strike_out(entries)
    return claimed


def _claim(job_id: int, entries: list[Entry]) -> Claim | None:
    due = Q(not_before__isnull=True) | Q(not_before__lte=Now())
    waiting = Job.objects.select_related("content").filter(due, pk=job_id, state=JobState.WAITING)
    job = waiting.select_for_update(of=("self",)).first()
    if job is None:
        return None
    if not is_mine(job):  # the task came to the wrong site: the job keeps waiting for the executors of its own site
        logger.warning("job.of_another_site", extra={"job": job.pk, "site": job.site})
        return None
    at = db_now()
    if job.expires_at <= at:
        refuse(job, Outcome.EXPIRED, "The approval is no longer valid.")
        return None
    if has_to_queue(job) or recheck.has_to_wait(job, at):  # the end of the blocking job or dry run rings again
        return None

    def pledge(approved: Approved) -> Pledged:
        """The executor's own checks: the row is as signed, the action is stored here, no other job blocks it, and the
        journal has no such run yet. Returns the new journal entry."""
        require_signed(job, approved, action_of(approved.plan), at)
        stages_of(job, approved)
        take_turn(job, approved)
        entries.append(runs.begin(approved, job=job.pk, attempt=job.attempt + 1))
        return {"journal": entries[0].journal, "entry": entries[0].seq}

    try:
        with transaction.atomic():
            approved = execution.begin(
                visit_id=job.visit_id, job_id=job.pk, at=at, pledge=pledge, is_rollback=job.is_rollback
            )
            stages = stages_of(job, approved)
    except (ExecutionRefused, AlreadyRunning) as error:
        refuse(job, *_why(error))
        return None
    except WrongState:
        forget(job, at)
        return None
    except Busy:
        return None
    except (DatabaseError, JournalUnusable):
        raise
    except Exception as error:  # otherwise a row that no worker can read would be tried again for ever (F37)
        logger.exception("job.claim_failed", extra={"job": job.pk})
        refuse(job, Outcome.REFUSED, f"internal error ({type(error).__name__})")
        return None
    job.start(at=at)
    job.journal, job.entry = entries[0].journal, entries[0].seq
    job.save()
    order = stages[0].order
    origin = recording.Origin(job.pk, job.ticket_id, job.node, job.site, approved.release)
    recording.begun(origin, order, at)
    names = ", ".join(target["name"] for target in order.targets)
    what = f"{'rollback by ' if job.is_rollback else ''}{order.action.key} {order.version[:SHORT]}"
    what += f" and {len(stages) - 1} more in stages" if len(stages) > 1 else ""
    append(job, f"Attempt {job.attempt}: {what} on {names}\n", ours=True)
    return Claim(job.pk, job.attempt, stages, entries[0], origin)


def _strike_out(entries: list[Entry]) -> None:
    """Void these journal entries: nothing runs under them."""
    for entry in entries:
        try:
            runs.void(entry)
        except JournalUnusable as error:
            logger.error("journal.not_struck_out", extra={"entry": entry.seq, "error": str(error)})  # noqa: TRY400


def _why(error: ExecutionRefused | AlreadyRunning) -> tuple[str, str, Alarm | None]:
    """(outcome, reason, data of the alarm to administrators or None)."""
    if isinstance(error, TooLate):
        return Outcome.EXPIRED, error.detail, None
    if isinstance(error, BegunBefore):
        return error.outcome, error.detail, {"reason": error.detail, "entries": error.entries}
    is_alarm = not isinstance(error, ExecutionRefused) or error.is_alarm
    return Outcome.REFUSED, error.detail, {"reason": error.detail, "entries": []} if is_alarm else None
