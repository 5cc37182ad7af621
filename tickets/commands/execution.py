"""Commands for jobs: an approved plan is released once, and the job's outcome moves the ticket on."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import User
from templates_engine.store.programs import glance, load
from tickets.commands.children import wake_parent
from tickets.engine.advance import go_on, settle_state
from tickets.engine.release import TURNS, Approved, ExecutionRefused, remembered_program, verified
from tickets.engine.walk import OPEN, Walk, lock
from tickets.errors import AlreadyRunning, WrongState
from tickets.models import Event, NodeVisit, Participant
from tickets.states.ticket import FINAL
from tickets.trail.events import Kind
from tickets.trail.shapes.runs import Alarm, Pledged, StageRan

__all__ = [
    "Approved",
    "ExecutionRefused",
    "begin",
    "begun",
    "hand_over",
    "pause",
    "rerun",
    "resolve",
    "resume",
    "rollback",
    "settle",
    "tick",
]
Pledge = Callable[[Approved], Pledged]


def _nothing(_approved: Approved) -> Pledged:
    return {}


@transaction.atomic
def begin(
    *, visit_id: int, job_id: int, at: datetime, pledge: Pledge = _nothing, is_rollback: bool = False
) -> Approved:
    """Release the approved plan of an automation visit to one job, once (I14).

    is_rollback: the job is a rollback, which does not move a closed visit. pledge: the executor's own check, called
    last; it may raise to refuse the run, and its result is added to `job.started`. Raises ExecutionRefused if anything
    differs from what was approved, WrongState if the ticket moved on or was withdrawn, AlreadyRunning if a job has
    begun already.
    """
    walk = lock(at, visit=visit_id, program=remembered_program)
    visit = _visit(walk, visit_id)
    is_open = visit.state == OPEN and walk.ticket.state not in FINAL
    if is_rollback:
        if is_open and visit.outcome != "rollback":
            raise WrongState
    elif not is_open or visit.outcome in ("failed", "rollback"):
        raise WrongState
    elif visit.is_running:
        raise AlreadyRunning
    approved = verified(walk, visit)
    said = pledge(approved)
    if is_open:
        visit.started_at, visit.outcome, visit.queue = at, "", [{"job": job_id}]
        walk.changed(visit)
    walk.record_by_system(Kind.JOB_STARTED, job=job_id, **said, **walk.node_facts(visit))
    walk.save()
    return approved


@transaction.atomic
def begun(*, visit_id: int, job_id: int, at: datetime) -> Approved:
    """The release of this job, which is running or was lost; changes nothing. Raises ExecutionRefused."""
    walk = lock(at, visit=visit_id, program=remembered_program)
    return verified(walk, _visit(walk, visit_id), begun_by=job_id)


def _visit(walk: Walk, visit_id: int) -> NodeVisit:
    return next(visit for visit in walk.visits if visit.pk == visit_id)


@transaction.atomic
def settle(
    *,
    visit_id: int,
    job_id: int,
    at: datetime,
    ok: bool,
    outcome: str,
    hosts: dict[str, str],
    alarm: Alarm | None = None,
    is_rollback: bool = False,
    stages: Sequence[StageRan] = (),
) -> None:
    """Record the end of a job. ok: the chain goes on; otherwise the ticket fails and waits for a person.

    hosts: name → status. is_rollback: a rollback was run; if the node is closed, only the trail records it. alarm:
    {reason, entries} for administrators, if the job did not match what was approved. stages: for a plan of several,
    those that have begun: {stage, action, version, took: parameter → output of an earlier stage}. Nothing changes on a
    second call, after a withdrawal, or for an earlier job than the visit's current one. Raises WrongState if a job that
    never began is reported as successful.
    """
    walk = lock(at, visit=visit_id, program=load if ok else glance)  # a broken template must not block a failure
    visit = _visit(walk, visit_id)
    is_open = visit.state == OPEN and walk.ticket.state not in FINAL
    if (is_open and visit.outcome == "failed") or not (is_open or is_rollback):
        return
    if is_open and visit.queue not in ([], [{"job": job_id}]):
        return
    if ok and not visit.is_running:
        raise WrongState
    state = "completed" if ok else "failed"
    if alarm:
        walk.record_by_system(Kind.EXECUTION_REFUSED, job=job_id, **alarm, **walk.node_facts(visit))
    walk.record_by_system(
        Kind.JOB_FINISHED, job=job_id, state=state, outcome=outcome, hosts=hosts,
        **({"stages": list(stages)} if stages else {}), **walk.node_facts(visit),
    )  # fmt: skip
    if ok:
        go_on(walk, visit, "completed")
    elif is_open:
        visit.outcome = "failed"
        walk.changed(visit)
        settle_state(walk)
        walk.record_by_system(
            Kind.TICKET_FAILED,
            node=visit.node,
            name=walk.node_facts(visit)["name"],
            reason=outcome,
        )
    walk.save()
    if is_open:
        wake_parent(walk.ticket)


@transaction.atomic
def pause(*, visit_id: int, job_id: int, at: datetime, hosts: dict[str, str]) -> None:
    """Record that a job waits between two batches; the ticket still waits for it. hosts: name → status.

    Raises WrongState unless this job runs the visit.
    """
    walk = lock(at, visit=visit_id, program=glance)
    visit = _visit(walk, visit_id)
    if not visit.is_running or visit.queue != [{"job": job_id}]:
        raise WrongState
    visit.outcome = "paused"
    walk.changed(visit)
    walk.record_by_system(Kind.JOB_PAUSED, job=job_id, hosts=hosts, **walk.node_facts(visit))
    walk.save()


@transaction.atomic
def hand_over(*, visit_id: int, job_id: int, at: datetime, hosts: list[str], people: Sequence[User]) -> None:
    """Continue a running job by hand. people: those named by its action; they can see the ticket from now on.

    Raises WrongState unless this job runs the visit.
    """
    walk, visit = _running(visit_id, job_id, at, None)
    for person in people:
        walk.participate(person.pk, Participant.Kind.CC)
    names = [person.username for person in people]
    walk.record_by_system(Kind.JOB_HANDED, job=job_id, hosts=hosts, people=names, **walk.node_facts(visit))
    walk.save()


@transaction.atomic
def tick(*, visit_id: int, job_id: int, actor: User, at: datetime, hosts: dict[str, str], comment: str) -> None:
    """Record results that a person entered for hosts of a manual job. hosts: name → status.

    Raises WrongState unless this job runs the visit.
    """
    walk, visit = _running(visit_id, job_id, at, actor)
    walk.record(Kind.JOB_TICKED, job=job_id, hosts=hosts, comment=comment, **walk.node_facts(visit))
    walk.save()


def _running(visit_id: int, job_id: int, at: datetime, actor: User | None) -> tuple[Walk, NodeVisit]:
    walk = lock(at, actor, visit=visit_id, program=glance)
    visit = _visit(walk, visit_id)
    if not visit.is_running or visit.queue != [{"job": job_id}]:
        raise WrongState
    return walk, visit


@transaction.atomic
def resume(*, visit_id: int, job_id: int, actor: User, at: datetime, comment: str = "") -> list[str]:
    """Let a paused job go on. Returns the hosts that are left, by the trail. Raises WrongState unless it is paused."""
    walk = lock(at, actor, visit=visit_id)
    visit = _visit(walk, visit_id)
    turns = Event.objects.filter(ticket=walk.ticket, kind__in=TURNS, data__node=visit.node, data__round=visit.round)
    last = turns.order_by("seq").last()
    if visit.state != OPEN or visit.outcome != "paused" or last is None or last.kind != Kind.JOB_PAUSED:
        raise WrongState
    left = [name for name, status in Kind.JOB_PAUSED.of(last)["hosts"].items() if status == "waiting"]
    visit.outcome = "resumed"
    walk.changed(visit)
    walk.record(Kind.JOB_RESUMED, job=job_id, comment=comment, hosts=left, **walk.node_facts(visit))
    walk.save()
    return left


@transaction.atomic
def rerun(
    *, visit_id: int, job_id: int, actor: User, at: datetime, comment: str = "", hosts: list[str] | None = None
) -> None:
    """Let the same approved plan begin again, on these of its hosts (None: on all).

    Raises WrongState unless the ticket has failed here.
    """
    walk = lock(at, actor, visit=visit_id)
    visit = _failed_visit(walk, visit_id)
    visit.outcome, visit.queue = "rerun", [{"job": job_id}]
    walk.changed(visit)
    settle_state(walk)
    walk.record(Kind.JOB_RERUN, job=job_id, comment=comment, hosts=hosts, **walk.node_facts(visit))
    walk.save()


@transaction.atomic
def rollback(*, visit_id: int, job_id: int, actor: User, at: datetime, hosts: list[str], comment: str = "") -> None:
    """Let the plan's rollback begin on these hosts; if the node has already closed, the ticket's state stays.

    Raises WrongState if a job waits or runs, ExecutionRefused if the ticket no longer contains what was run.
    """
    walk = lock(at, actor, visit=visit_id)
    visit = _visit(walk, visit_id)
    if not visit.has_begun or (visit.state == OPEN and visit.outcome not in ("failed", "paused")):
        raise WrongState
    if visit.state == OPEN:
        visit.outcome, visit.queue = "rollback", [{"job": job_id}]
        walk.changed(visit)
        settle_state(walk)
    walk.record(Kind.JOB_ROLLBACK, job=job_id, comment=comment, hosts=hosts, **walk.node_facts(visit))
    walk.save()
    verified(walk, visit)


@transaction.atomic
def resolve(*, visit_id: int, job_id: int, actor: User, at: datetime, comment: str) -> None:
    """A person settled the failed job by hand; the chain goes on. Raises WrongState."""
    walk = lock(at, actor, visit=visit_id)
    visit = _failed_visit(walk, visit_id)
    walk.record(Kind.JOB_RESOLVED, job=job_id, comment=comment, **walk.node_facts(visit))
    go_on(walk, visit, "resolved")
    walk.save()


def _failed_visit(walk: Walk, visit_id: int) -> NodeVisit:
    visit = _visit(walk, visit_id)
    if visit.state != OPEN or visit.outcome != "failed":
        raise WrongState
    return visit
