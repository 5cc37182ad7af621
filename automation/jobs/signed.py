"""Checks a job's row against the signed plan and the audit trail; the executor never trusts a row alone (I13, A32)."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.dateparse import parse_datetime

from automation.actions.document import Action
from automation.models import Job, JobHost
from tickets.engine.release import Approved, ExecutionRefused
from tickets.models.content import Plan

VALID_DAYS = 7


class TooLate(ExecutionRefused):
    """The approval has expired, whatever the row says (A33)."""

    is_alarm = False


class OtherAction(ExecutionRefused):
    """The approved version is not stored here, for example because it was stored in another database."""

    is_alarm = False


class Recalled(ExecutionRefused):
    """The approved version was recalled."""

    is_alarm = False


def not_before(plan: Plan) -> datetime | None:
    """The time from which the plan may run; None for at once."""
    return parse_datetime(plan["not_before"]) if plan["not_before"] else None


def valid_until(plan: Plan, approved_at: datetime, action: Action | None) -> datetime:
    """The time until which the plan may start. Plans of earlier releases have no valid_days: use the action's."""
    days = plan.get("valid_days") or (action.valid_days if action else VALID_DAYS)
    return max(approved_at, not_before(plan) or approved_at) + timedelta(days=days)


def require_signed(job: Job, approved: Approved, action: Action | None, at: datetime) -> None:
    """Check that all columns of this locked row that decide what runs, where and when are as approved.

    Raises ExecutionRefused.
    """
    plan = approved.plan
    ends = valid_until(plan, approved.approved_at, action)
    if ends <= at:
        raise TooLate("The approval is no longer valid.")
    if approved.is_rollback and "rollback" not in plan:
        raise ExecutionRefused("no_rollback: the plan has no way back")
    if job.plan_digest != plan["digest"]:
        raise ExecutionRefused("changed_plan: the job was made for another plan")
    signed: dict[str, tuple[Any, Any]] = {
        "ticket": (job.ticket_id, approved.ticket_id),
        "content": ((job.content.ticket_id, job.content.digest), (approved.ticket_id, approved.content_digest)),
        "node": (job.node, approved.node),
        "node_name": (job.node_name, approved.name),
        "action": (job.action, plan["action"]),
        "not_before": (job.not_before, not_before(plan)),
        "expires_at": (job.expires_at, ends),
        "created_at": (job.created_at, approved.approved_at),
        "only": (job.only, approved.hosts),
        "site": (job.site, plan.get("site", "")),
        "is_rollback": (job.is_rollback, approved.is_rollback),
        "attempt": (job.attempt, approved.attempts),
        "hosts": (_hosts(job), sorted(target["name"] for target in plan["targets"])),
    }
    changed = [name for name, (is_, was) in signed.items() if is_ != was]
    if changed:
        raise ExecutionRefused(f"changed_job: {', '.join(changed)} of the job is not what was signed")


def _hosts(job: Job) -> list[str]:
    return sorted(JobHost.objects.filter(job=job.pk).values_list("name", flat=True))
