"""Repeat a dry run at a person's request: before approval, or for a job that waits or has failed."""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import User
from automation.actions.library import action_of
from automation.clock import db_now
from automation.dry_runs.commands import make
from automation.errors import DryRunRunning, DryRunTooSoon, NoDryRun
from automation.jobs.log import append
from automation.models import Job
from automation.models.dry_run import OPEN, DryRun
from automation.plans.preview import steps_of
from automation.queries.jobs import get_job, may_cancel
from automation.states import JobState
from tickets.content.signing import released
from tickets.errors import NotAllowed, NotFound, WrongState
from tickets.models import ApprovalTask, NodeVisit, Ticket
from tickets.models.content import Plan
from tickets.queries.foreseen import may_ask
from tickets.queries.visible import get_visible, held_by, seats_for
from tickets.rules.dry_run_rules import UNDER_WAY

PAUSE = timedelta(seconds=20)
Purpose = DryRun.Purpose


@transaction.atomic
def of_plan(*, number: str, node: str, actor: User, at: datetime) -> DryRun:
    """Run the dry run again for a plan that is still to be approved.

    Raises NotFound, NotAllowed unless the actor is the applicant, an approver of this step or an operator; WrongState
    if the decision is over, NoDryRun, DryRunRunning, DryRunTooSoon.
    """
    ticket = get_visible(actor, number, at)
    content = ticket.content
    plan = content.plans.get(node) if content else None
    if content is None or plan is None:
        raise NotFound
    seats = seats_for(actor, held_by(actor, at), ticket.template_version.template.key)
    if not may_ask(ticket, actor, seats, ApprovalTask.objects.filter(ticket=ticket)):
        raise NotAllowed
    if ticket.state not in UNDER_WAY or node in released(NodeVisit.objects.filter(ticket=ticket)):
        raise WrongState
    if "dry_run" not in plan:
        raise NoDryRun
    return _made(make(ticket, content, plan, asked_by=actor) if _may(ticket, plan, Purpose.PLAN) else None)


@transaction.atomic
def of_job(*, job_id: int, actor: User, at: datetime) -> DryRun:
    """Run a dry run of a job that waits or ended badly, for information only: nothing is approved, nothing waits.

    Raises NotFound, NotAllowed unless the actor is an operator or the applicant, WrongState, NoDryRun,
    DryRunRunning, DryRunTooSoon.
    """
    job = get_job(actor, job_id, at)
    job = Job.objects.select_for_update(of=("self",)).select_related("ticket", "content").get(pk=job.pk)
    if not may_cancel(actor, job):
        raise NotAllowed
    if job.state not in (JobState.WAITING, JobState.PAUSED, JobState.FAILED, JobState.CANCELLED):
        raise WrongState
    plan = job.content.plans[job.node]
    if not can_foresee(plan):
        raise NoDryRun
    made = None
    if _may(job.ticket, plan, Purpose.JOB):
        made = make(job.ticket, job.content, plan, purpose=Purpose.JOB, job=job, asked_by=actor)
    append(job, f"Dry run asked for by {actor.username}\n", ours=True)
    return _made(made)


def can_foresee(plan: Plan) -> bool:
    """Whether this plan's action, or one of its stages, has a dry run."""
    actions = [action_of(step) for step in steps_of(plan)]
    return bool(plan["targets"]) and any(one is not None and one.dry_run != "none" for one in actions)


def _may(ticket: Ticket, plan: Plan, purpose: str) -> bool:
    same = DryRun.objects.filter(ticket=ticket, node=plan["node"], plan_digest=plan["digest"], purpose=purpose)
    if same.filter(state__in=OPEN).exists():
        return False
    last = same.order_by("-pk").values_list("created_at", flat=True).first()
    if last is not None and (wait := last + PAUSE - db_now()) > timedelta(0):
        raise DryRunTooSoon(wait.total_seconds())
    return True


def _made(found: DryRun | None) -> DryRun:
    if found is None:
        raise DryRunRunning
    return found
