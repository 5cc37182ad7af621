"""Taking a job: the one door to running anything."""

import logging
from dataclasses import dataclass
from datetime import datetime

from django.db import DatabaseError, transaction
from django.db.models import Q
from django.db.models.functions import Now

from automation.batches import STOP, is_batch
from automation.clock import db_now
from automation.commands.log import append
from automation.executors.base import Order
from automation.models import Job, JobHost
from automation.models.job import HostStatus
from automation.registry import library
from automation.states import JobState, Outcome
from tickets.commands import execution
from tickets.commands.execution import Approved, ExecutionRefused
from tickets.errors import AlreadyRunning, WrongState

logger = logging.getLogger("baton.automation")


@dataclass(frozen=True)
class Claim:
    """A job that is this worker's now, for one attempt."""

    job_id: int
    attempt: int
    order: Order


@transaction.atomic
def claim(job_id: int) -> Claim | None:
    """Start a due job, or None where there is nothing to start: one caller wins, once per approval (I14).

    Locks the job, then the ticket. What does not stand up to `execution.begin` never starts (I13, I17).
    """
    due = Q(not_before__isnull=True) | Q(not_before__lte=Now())
    job = Job.objects.select_for_update().filter(due, pk=job_id, state=JobState.WAITING).first()
    if job is None:
        return None
    at = db_now()
    if job.expires_at <= at:
        refuse(job, Outcome.EXPIRED, "The approval is no longer valid.")
        return None
    try:
        with transaction.atomic():
            approved = execution.begin(visit_id=job.visit_id, job_id=job.pk, at=at)
            order = _order(job, approved)
    except (ExecutionRefused, AlreadyRunning) as error:
        refuse(job, Outcome.REFUSED, error.detail)
        return None
    except WrongState:
        forget(job, at)
        return None
    except DatabaseError:
        raise
    except Exception as error:  # a row that no worker can read must not come round for ever (F37)
        logger.exception("job.claim_failed", extra={"job": job.pk})
        refuse(job, Outcome.REFUSED, f"internal error ({type(error).__name__})")
        return None
    job.start(at=at)
    job.save()
    names = ", ".join(target["name"] for target in order.targets)
    append(job, f"Attempt {job.attempt}: {job.action} {order.version} on {names}\n", ours=True)
    return Claim(job.pk, job.attempt, order)


def _order(job: Job, approved: Approved) -> Order:
    """What the executor gets, all of it from the approved plan. Raises ExecutionRefused."""
    plan = approved.plan
    action = library().action(plan["action"])
    if plan["digest"] != job.plan_digest:
        raise ExecutionRefused("changed_plan: the job was made for another plan")
    if action is None or (action.version, action.executor) != (plan["version"], plan["executor"]):
        raise ExecutionRefused(f"changed_action: {plan['action']} {plan['version']} is not in the library")
    targets = [target for target in plan["targets"] if job.only is None or target["name"] in job.only]
    if not targets:
        raise ExecutionRefused("no_targets: none of the hosts is in the plan")
    batch, on_failure = plan.get("batch"), plan.get("on_failure", STOP)
    if batch is not None and not is_batch(batch):
        raise ExecutionRefused("bad_batch: the plan's batches cannot be read")
    return Order(approved.number, job.attempt + 1, action, plan["version"], plan["params"], targets, batch, on_failure)


def refuse(job: Job, outcome: str, reason: str) -> None:
    """End a locked, waiting job that must not start; the ticket fails and says why."""
    at = db_now()
    job.refuse(at=at, outcome=outcome)
    job.save()
    append(job, f"Not started: {reason}\n", ours=True)
    execution.settle(visit_id=job.visit_id, job_id=job.pk, at=at, ok=False, outcome=outcome, hosts={})


def forget(job: Job, at: datetime) -> None:
    """End a locked, waiting job that the ticket waits for no more (I17)."""
    job.cancel(at=at, outcome=Outcome.WITHDRAWN)
    job.save()
    JobHost.objects.filter(job=job.pk, status=HostStatus.WAITING).update(status=HostStatus.CANCELLED)
