"""The machine's side of a ticket: what was approved is released once, and its outcome moves the ticket on."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from templates_engine.program import glance, load
from tickets.advance import go_on, settle_state
from tickets.commands.children import wake_parent
from tickets.errors import AlreadyRunning, WrongState
from tickets.events import Kind
from tickets.models import NodeVisit
from tickets.release import Approved, ExecutionRefused, remembered_program, verified
from tickets.states.ticket import FINAL
from tickets.walk import OPEN, Walk, lock

__all__ = ["Approved", "ExecutionRefused", "begin", "rerun", "resolve", "settle"]
Pledge = Callable[[Approved], dict[str, Any]]


def _nothing(_approved: Approved) -> dict[str, Any]:
    return {}


@transaction.atomic
def begin(*, visit_id: int, job_id: int, at: datetime, pledge: Pledge = _nothing) -> Approved:
    """Release the approved plan of an automation visit to one job, once (I14).

    pledge: the executor's own say, once everything else has been judged: what it raises refuses the run, what it
    answers goes into `job.started`. Raises ExecutionRefused where anything differs from what was approved, WrongState
    where the ticket moved on or was withdrawn, AlreadyRunning where a job has begun already.
    """
    walk = lock(at, visit=visit_id, program=remembered_program)
    visit = _visit(walk, visit_id)
    if walk.ticket.state in FINAL or visit.state != OPEN or visit.outcome == "failed":
        raise WrongState
    if visit.is_running:
        raise AlreadyRunning
    approved = verified(walk, visit)
    said = pledge(approved)
    visit.started_at, visit.outcome, visit.queue = at, "", [{"job": job_id}]
    walk.changed(visit)
    walk.record(Kind.JOB_STARTED, system=True, job=job_id, **said, **walk.node_facts(visit))
    walk.save()
    return approved


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
    alarm: Mapping[str, Any] | None = None,
) -> None:
    """A job ended. ok: the chain goes on; else the ticket fails and waits for a person.

    hosts: name → status. alarm: {reason, entries}, why administrators must look, where what would have run was not as
    approved. A second call, one after a withdraw, or what an earlier job than the visit's current one comes to,
    changes nothing. Raises WrongState where a job that never began would have succeeded.
    """
    walk = lock(at, visit=visit_id, program=load if ok else glance)  # what fails may fail for its template
    visit = _visit(walk, visit_id)
    if visit.state != OPEN or visit.outcome == "failed" or walk.ticket.state in FINAL:
        return
    if visit.queue not in ([], [{"job": job_id}]):
        return
    if ok and not visit.is_running:
        raise WrongState
    state = "completed" if ok else "failed"
    if alarm:
        walk.record(Kind.EXECUTION_REFUSED, system=True, job=job_id, **alarm, **walk.node_facts(visit))
    walk.record(
        Kind.JOB_FINISHED, system=True, job=job_id, state=state, outcome=outcome, hosts=hosts,
        **walk.node_facts(visit),
    )  # fmt: skip
    if ok:
        go_on(walk, visit, "completed")
    else:
        visit.outcome = "failed"
        walk.changed(visit)
        settle_state(walk)
        walk.record(
            Kind.TICKET_FAILED,
            system=True,
            node=visit.node,
            name=walk.node_facts(visit)["name"],
            reason=outcome,
        )
    walk.save()
    wake_parent(walk.ticket)


@transaction.atomic
def rerun(
    *, visit_id: int, job_id: int, actor: User, at: datetime, comment: str = "", hosts: list[str] | None = None
) -> None:
    """Let the same approved plan begin once more, on these hosts of it (None: on all).

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
