"""复查: the second dry run, right before a job begins for the first time, if its action requires it.

A job waits for its second dry run like any other waiting job, so a dead worker only costs time. The result is judged
in automation.dry_runs.drift.
"""

from datetime import datetime, timedelta

from automation.actions.library import action_of
from automation.dry_runs.commands import Purpose, make
from automation.jobs.log import append
from automation.models.dry_run import OPEN, DryRun, DryRunState
from automation.models.job import Job
from automation.plans.preview import steps_of
from tickets.models.content import Plan
from tickets.rules.dry_run_rules import REQUIRED

GOOD_FOR = timedelta(minutes=5)


def limit_of(plan: Plan) -> int | None:
    """How many changes may differ from the approved dry run; None if there is no second dry run.

    For a plan with stages, the strictest limit of all stages.
    """
    if plan.get("dry_run") != REQUIRED:
        return None
    actions = [action_of(step) for step in steps_of(plan)]
    return min((one.recheck for one in actions if one is not None and one.recheck is not None), default=None)


def has_to_wait(job: Job, at: datetime) -> bool:
    """Whether this locked, due job must wait for its second dry run; creates that dry run if there is none.

    Only before the first attempt: afterwards the hosts differ from the prediction because of this job itself.
    """
    plan: Plan | None = job.content.plans.get(job.node)
    if job.attempt or job.is_rollback or plan is None or limit_of(plan) is None:
        return False
    last = DryRun.objects.filter(job=job, purpose=Purpose.RECHECK).order_by("-pk").first()
    if last and last.state == DryRunState.DONE and last.finished_at and last.finished_at > at - GOOD_FOR:
        return False
    if (last is None or last.state not in OPEN) and make(
        job.ticket, job.content, plan, purpose=Purpose.RECHECK, job=job
    ):
        append(job, "Second dry run, to see whether the hosts are as they were\n", ours=True)
    return True
