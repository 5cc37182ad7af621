"""End a dry run: update its row, and tell the ticket or the job that waits for it."""

from django.db import transaction
from django.db.models.functions import Now

from automation.audit import recording
from automation.clock import db_now
from automation.dry_runs.commands import Claim, Purpose
from automation.dry_runs.drift import conclude
from automation.dry_runs.result import Result
from automation.models.dry_run import DryRun, DryRunHost, DryRunState
from tickets.commands.dry_run_results import foresee
from tickets.rules.dry_run_rules import DONE, FAILED, Foreseen


class Fenced(Exception):
    """Another worker has taken over the dry run: nothing is written."""


def settle(claimed: Claim, result: Result) -> bool:
    """End it, and tell the ticket or the job; False if nothing waits for it, or another worker has taken over."""
    try:
        with transaction.atomic():
            return _settle(claimed, result)
    except Fenced:
        return False


def _settle(claimed: Claim, result: Result) -> bool:
    row = DryRun.objects.select_related("ticket", "asked_by").get(pk=claimed.id)
    state = _tell(row, result)
    mine = DryRun.objects.filter(pk=claimed.id, tries=claimed.attempt, state=DryRunState.RUNNING)
    if not mine.update(
        state=state, finished_at=Now(), summary=result.summary, words=result.words, digest=result.digest,
        message=result.message[:2000],
    ):  # fmt: skip
        raise Fenced
    for host in result.hosts:
        DryRunHost.objects.filter(dry_run=claimed.id, name=host["name"]).update(
            **{key: host[key] for key in ("status", "changed", "message", "items", "unforeseen")}
        )
    recording.dry_ended(dry_run=row.pk, attempt=claimed.attempt, outcome=state, at=db_now())
    return state != DryRunState.DROPPED


def _tell(row: DryRun, result: Result) -> DryRunState:
    """Tell the ticket or the job; return the dry run's new state."""
    told = Foreseen(
        plan=row.plan_digest,
        state=DONE if result.is_good else FAILED,
        digest=result.digest,
        summary=result.summary,
        words=result.words,
    )
    if row.purpose == Purpose.RECHECK:
        return conclude(row, result, told)
    asked_by = row.asked_by.username if row.asked_by else ""
    if row.purpose == Purpose.PLAN and not foresee(
        number=row.ticket.number, node=row.node, result=told, asked_by=asked_by
    ):
        return DryRunState.DROPPED
    return DryRunState.DONE if result.is_good else DryRunState.FAILED
