"""How much a second dry run differs from the approved one, and the consequence: the job goes on, or stops."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from automation.clock import db_now
from automation.dry_runs.recheck import limit_of
from automation.dry_runs.result import Result
from automation.dry_runs.summary_words import kind_of
from automation.jobs.log import append
from automation.jobs.refusing import refuse
from automation.jobs.results import leave
from automation.jobs.sites import ring
from automation.jobs.turns import ring_next
from automation.models.dry_run import DryRun, DryRunState
from automation.models.job import DONE, Job
from automation.states import JobState, Outcome
from tickets.commands.drifting import ask_anew
from tickets.errors import WrongState
from tickets.rules.dry_run_rules import Foreseen, signed_for

Row = Mapping[str, Any]  # of one host: name, status, changed, items


def drift(before: Iterable[Row], now: Iterable[Row]) -> int:
    """The number of differences: changes that would happen now and were not predicted exactly so, and predicted changes
    that fail now. A change that is no longer needed does not count."""
    seen = {row["name"]: row for row in before}
    return sum(_of_host(seen.get(row["name"]), row) for row in now)


def _of_host(before: Row | None, now: Row) -> int:
    known = _places(before) if before else set()
    if now["status"] not in DONE:
        return max(1, len(known))
    new = len(_places(now) - known)
    is_silent = now["changed"] and not now["items"] and not (before and before["changed"])
    return new + is_silent


def _places(row: Row) -> set[tuple[str, str, str]]:
    return {(item["path"], kind_of(item["path"], item["diff"]), item["diff"]) for item in row["items"]}


def conclude(row: DryRun, result: Result, told: Foreseen) -> DryRunState:
    """Let the job of this second dry run begin, or stop it. Locks the job, then the ticket.

    If nothing could be predicted on any host, the job stops, whatever the limit. Returns the dry run's new state:
    dropped if no job waits for it.
    """
    waiting = Job.objects.select_related("content").filter(pk=row.job_id, state=JobState.WAITING, attempt=0)
    job = waiting.select_for_update(of=("self",)).first()
    plan = job.content.plans.get(job.node) if job else None
    limit = limit_of(plan) if plan else None
    signed = signed_for(job.content, plan) if job and plan else None
    if job is None or limit is None or signed is None:
        return DryRunState.DROPPED
    count = drift(_signed_rows(row, signed["digest"]), result.hosts)
    is_blind = not any(host["status"] in DONE for host in result.hosts)
    if count <= limit and not is_blind:
        append(job, f"Second dry run: {count} changes differ from those foreseen, {limit} may\n", ours=True)
        ring(job)
        return DryRunState.DONE
    _stop(job, told, count=count, limit=limit)
    return DryRunState.FAILED


def _signed_rows(row: DryRun, digest: str) -> list[dict[str, Any]]:
    """The approved result, host by host: from before the approval, or from a second dry run that was approved again."""
    runs = DryRun.objects.filter(ticket=row.ticket_id, node=row.node, plan_digest=row.plan_digest, digest=digest)
    signed = runs.order_by("-pk").first()
    return [dict(host) for host in signed.hosts.values("name", "status", "changed", "items")] if signed else []


def _stop(job: Job, told: Foreseen, *, count: int, limit: int) -> None:
    """Start nothing. Ask the approvers again; if that is not possible, the job fails, and a person must look."""
    at = db_now()
    reason = f"{count} changes differ from those that were foreseen, {limit} may"
    try:
        with transaction.atomic():
            is_asked = ask_anew(visit_id=job.visit_id, job_id=job.pk, at=at, result=told, drift=count, limit=limit)
    except WrongState:  # the ticket has moved on, and its events end the job
        return
    if not is_asked:
        refuse(job, Outcome.DRIFTED, reason)
        return
    job.cancel(at=at, outcome=Outcome.DRIFTED)
    job.save()
    leave(job)
    ring_next(job)
    append(job, f"Not started: {reason}. The approvers are asked again.\n", ours=True)
