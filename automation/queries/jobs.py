"""Queries of jobs: which jobs a user may see, and what they may do with one."""

from datetime import datetime

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from accounts.models import User
from accounts.permissions import OPERATE, has_permission
from automation.models import Job, JobHost
from automation.models.job import HostStatus
from automation.queries.by_hand import is_by_hand, may_tick
from automation.states import JobState
from templates_engine.store.programs import load
from tickets.errors import NotFound
from tickets.models import ApprovalTask, NodeVisit
from tickets.queries.hidden import tells
from tickets.queries.visible import held_by_caller, seats_for, visible_tickets
from tickets.rules.rights import is_own
from tickets.states import TicketState


def visible_jobs(user: User, at: datetime) -> QuerySet[Job]:
    """All jobs for operators; for others, the jobs of tickets that they may see (I23)."""
    jobs = Job.objects.all()
    return jobs if has_permission(user, OPERATE) else jobs.filter(ticket__in=visible_tickets(user, at))


def running_on(jobs: QuerySet[Job], host: str, user: User, at: datetime) -> QuerySet[Job]:
    """The jobs among these that run on this host, without jobs whose hosts are hidden from this user (I23)."""
    found = jobs.filter(hosts__name=host)
    if user.is_admin:
        return found
    for version in list(found.order_by().values_list("ticket__template_version", flat=True).distinct()):
        program = load(version)
        hidden_at = {field["key"]: field["hidden_at"] for field in program.form if field.get("hidden_at")}
        seats = seats_for(user, held_by_caller(user, at), program.key) if hidden_at else ()
        mine = ApprovalTask.objects.filter(Q(assignee__in=seats) | Q(decided_by=user), ticket=OuterRef("ticket"))
        for node, content in program.nodes.items():
            for field in (key for key in hidden_at if tells(content.get("targets"), {key})):
                sees = Q(ticket__applicant=user) | Exists(mine.exclude(visit__node__in=hidden_at[field]))
                found = found.filter(~Q(ticket__template_version=version, node=node) | sees)
    return found


def get_job(user: User, job_id: int, at: datetime) -> Job:
    """This job with ticket, content and visit. Raises NotFound."""
    jobs = visible_jobs(user, at).select_related("ticket", "ticket__applicant", "content", "visit")
    job = jobs.filter(pk=job_id).first()
    if job is None:
        raise NotFound
    return job


def may_cancel(user: User, job: Job) -> bool:
    """Operators, and the ticket's applicant."""
    return job.ticket.applicant_id == user.pk or has_permission(user, OPERATE)


def allowed_actions(user: User, job: Job, at: datetime) -> list[str]:
    """The actions that this user may take on this job now."""
    operates = has_permission(user, OPERATE)
    if job.state == JobState.PAUSED:
        may = ["resume"] if operates and job.expires_at > at else []
        may += ["rollback"] if operates and may_roll_back(job, at) else []
        return may + (["cancel"] if may_cancel(user, job) else [])
    if is_by_hand(job):
        return (["tick"] if may_tick(user, job) else []) + (["cancel"] if may_cancel(user, job) else [])
    if job.state in (JobState.WAITING, JobState.RUNNING):
        if not may_cancel(user, job) or job.cancel_requested_at:
            return []
        if job.state == JobState.RUNNING and job.pause_requested_at:
            return ["resume", "cancel"] if operates else ["cancel"]
        return ["pause", "cancel"] if is_pausable(job) else ["cancel"]
    back = ["rollback"] if operates and may_roll_back(job, at) else []
    is_stuck = job.ticket.state == TicketState.FAILED and job.visit.state == NodeVisit.State.OPEN
    resolve = [] if is_own(job.ticket, job.content, user.pk) else ["resolve"]
    if not is_stuck or job.state == JobState.COMPLETED or not operates:
        return [*back, *resolve] if operates and job.holds_hosts else back
    return ["rerun", *back, *resolve] if job.expires_at > at else resolve


def may_roll_back(job: Job, at: datetime) -> bool:
    """Whether a rollback is possible.

    The plan must have one, be still valid and be the ticket's current plan, and at least one host must be touched.
    """
    plan = job.content.plans[job.node]
    if "rollback" not in plan or job.expires_at <= at:
        return False
    now = job.ticket.content
    if now is None or (now.pk != job.content_id and now.plans.get(job.node) != plan):
        return False
    return JobHost.objects.filter(job=job.pk, touched=True).exists()


def has_batches(job: Job) -> bool:
    """Whether its run has more than one batch. Rollbacks run in one batch.

    In a plan with stages, a host is done only after the last stage, so the job cannot pause between two batches.
    """
    return (
        not job.is_rollback
        and "stages" not in job.content.plans[job.node]
        and JobHost.objects.filter(job=job.pk, batch__gt=1).exists()
    )


def is_pausable(job: Job) -> bool:
    """Whether the job runs and another batch waits after the current one, before which it could pause."""
    if job.state != JobState.RUNNING or job.is_rollback or "stages" in job.content.plans[job.node]:
        return False
    waiting = JobHost.objects.filter(job=job.pk, status=HostStatus.WAITING)
    last = waiting.aggregate(last=Max("batch"))["last"]
    return last is not None and JobHost.objects.filter(job=job.pk, batch__lt=last).exists()
