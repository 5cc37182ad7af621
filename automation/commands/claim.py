"""Taking a job: the one door to running anything."""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import Q
from django.db.models.functions import Now

from automation.batches import STOP, is_batch
from automation.clock import db_now
from automation.commands.log import append
from automation.executors.base import Order
from automation.journal import runs
from automation.journal.book import JournalUnusable
from automation.journal.runs import BegunBefore, Entry
from automation.models import Job, JobHost
from automation.models.job import HostStatus
from automation.registry import library
from automation.signed import OtherAction, TooLate, require_signed
from automation.states import JobState, Outcome
from tickets.commands import execution
from tickets.commands.execution import Approved, ExecutionRefused
from tickets.errors import AlreadyRunning, WrongState

logger = logging.getLogger("baton.automation")


@dataclass(frozen=True)
class Claim:
    """A job that is this worker's now, for one attempt. entry: where the journal has it."""

    job_id: int
    attempt: int
    order: Order
    entry: Entry


def claim(job_id: int) -> Claim | None:
    """Start a due job, or None where there is nothing to start: one caller wins, once per approval (I14).

    Locks the job, then the ticket. What does not stand up to `execution.begin` never starts (I13, I17). The journal
    has it before the database: what is not committed is struck out again, or is `unknown` where this process dies.
    Raises JournalUnusable: the job waits on, and nothing may run.
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
    at = db_now()
    if job.expires_at <= at:
        refuse(job, Outcome.EXPIRED, "The approval is no longer valid.")
        return None

    def pledge(approved: Approved) -> dict[str, Any]:
        """The executor's own say: the row is as signed, the action is here, the journal knows of no such run."""
        require_signed(job, approved, library().action(approved.plan["action"]), at)
        order_of(job, approved)
        entries.append(runs.begin(approved, job=job.pk, attempt=job.attempt + 1))
        return {"journal": entries[0].journal, "entry": entries[0].seq}

    try:
        with transaction.atomic():
            approved = execution.begin(visit_id=job.visit_id, job_id=job.pk, at=at, pledge=pledge)
            order = order_of(job, approved)
    except (ExecutionRefused, AlreadyRunning) as error:
        refuse(job, *_why(error))
        return None
    except WrongState:
        forget(job, at)
        return None
    except (DatabaseError, JournalUnusable):
        raise
    except Exception as error:  # a row that no worker can read must not come round for ever (F37)
        logger.exception("job.claim_failed", extra={"job": job.pk})
        refuse(job, Outcome.REFUSED, f"internal error ({type(error).__name__})")
        return None
    job.start(at=at)
    job.journal, job.entry = entries[0].journal, entries[0].seq
    job.save()
    names = ", ".join(target["name"] for target in order.targets)
    append(job, f"Attempt {job.attempt}: {job.action} {order.version} on {names}\n", ours=True)
    return Claim(job.pk, job.attempt, order, entries[0])


def _strike_out(entries: list[Entry]) -> None:
    """Nothing runs under these: the journal says so."""
    for entry in entries:
        try:
            runs.void(entry)
        except JournalUnusable as error:
            logger.error("journal.not_struck_out", extra={"entry": entry.seq, "error": str(error)})  # noqa: TRY400


def order_of(job: Job, approved: Approved) -> Order:
    """What the executor gets, all of it from the approved plan. Raises ExecutionRefused."""
    plan = approved.plan
    action = library().action(plan["action"])
    if action is None or (action.version, action.executor) != (plan["version"], plan["executor"]):
        raise OtherAction(f"changed_action: {plan['action']} {plan['version']} is not in the library")
    targets = [target for target in plan["targets"] if approved.hosts is None or target["name"] in approved.hosts]
    if not targets:
        raise ExecutionRefused("no_targets: none of the hosts is in the plan")
    batch, on_failure = plan.get("batch"), plan.get("on_failure", STOP)
    if batch is not None and not is_batch(batch):
        raise ExecutionRefused("bad_batch: the plan's batches cannot be read")
    return Order(approved.number, job.attempt + 1, action, plan["version"], plan["params"], targets, batch, on_failure)


def _why(error: ExecutionRefused | AlreadyRunning) -> tuple[str, str, dict[str, Any] | None]:
    """Outcome, reason, and what administrators are alarmed of."""
    if isinstance(error, TooLate):
        return Outcome.EXPIRED, error.detail, None
    if isinstance(error, BegunBefore):
        return error.outcome, error.detail, {"reason": error.detail, "entries": error.entries}
    is_alarm = not isinstance(error, ExecutionRefused) or error.is_alarm
    return Outcome.REFUSED, error.detail, {"reason": error.detail, "entries": []} if is_alarm else None


def refuse(job: Job, outcome: str, reason: str, alarm: dict[str, Any] | None = None) -> None:
    """End a locked, waiting job that must not start; the ticket fails and says why.

    alarm: only somebody who wrote to the database could have made it so: administrators are told (A32).
    """
    at = db_now()
    if alarm:
        logger.error("execution.refused", extra={"job": job.pk, "reason": reason})
    job.refuse(at=at, outcome=outcome)
    job.save()
    append(job, f"Not started: {reason}\n", ours=True)
    try:
        with transaction.atomic():
            execution.settle(
                visit_id=job.visit_id, job_id=job.pk, at=at, ok=False, outcome=outcome, hosts={}, alarm=alarm
            )
    except DatabaseError:
        raise
    except Exception:  # a ticket that cannot be read must not bring its job round for ever either (F37)
        logger.exception("job.unsettled", extra={"job": job.pk})


def forget(job: Job, at: datetime) -> None:
    """End a locked, waiting job that the ticket waits for no more (I17)."""
    job.cancel(at=at, outcome=Outcome.WITHDRAWN)
    job.save()
    JobHost.objects.filter(job=job.pk, status=HostStatus.WAITING).update(status=HostStatus.CANCELLED)
