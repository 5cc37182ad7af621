"""The machine's side of a ticket: what was approved is released once, and its outcome moves the ticket on.

The executor trusts no caller: `begin` recomputes the event chain, the content's and the plan's digests, the
decisions and the approvals that the chain demands, and refuses when anything differs (I13).
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from config.errors import DomainError
from templates_engine.route import route
from tickets.advance import go_on
from tickets.audit import breaks_of, content_is_sound, seats_asked
from tickets.errors import AlreadyRunning, WrongState
from tickets.events import Kind
from tickets.models import Event, NodeVisit
from tickets.models.content import Plan
from tickets.nodes.approval import needed
from tickets.nodes.automation import decisions_on
from tickets.states import TaskState, TicketState
from tickets.walk import Walk, lock


class ExecutionRefused(DomainError):
    """What would run is not what was approved; `detail` says what differs."""

    code, status = "execution_refused", 409
    text = _("What would run is not what was approved.")


@dataclass(frozen=True)
class Approved:
    """What the executor may run now, once."""

    plan: Plan
    number: str
    title: str
    applicant: str


@transaction.atomic
def begin(*, visit_id: int, job_id: int, at: datetime) -> Approved:
    """Release the approved plan of an automation visit to one job, once (I14).

    Raises ExecutionRefused where anything differs from what was approved, WrongState where the ticket moved on
    or was withdrawn, AlreadyRunning where a job has begun already.
    """
    walk = lock(at, visits=visit_id)
    visit = _visit(walk, visit_id)
    if walk.ticket.state != TicketState.EXECUTING or visit.state != NodeVisit.State.OPEN:
        raise WrongState
    if visit.started_at is not None:
        raise AlreadyRunning
    plan = _verified_plan(walk, visit)
    visit.started_at = at
    walk.changed(visit)
    walk.record(Kind.JOB_STARTED, system=True, job=job_id, **walk.node_facts(visit))
    walk.save()
    return Approved(plan, walk.ticket.number, walk.ticket.title, walk.ticket.applicant.username)


def _visit(walk: Walk, visit_id: int) -> NodeVisit:
    return next(visit for visit in walk.visits if visit.pk == visit_id)


def _verified_plan(walk: Walk, visit: NodeVisit) -> Plan:
    """The plan of this visit, after every check of I13. Raises ExecutionRefused."""
    trail = list(Event.objects.filter(ticket=walk.ticket).order_by("seq"))
    for broken in breaks_of(walk.ticket, trail, walk.tasks, [walk.content]):
        raise ExecutionRefused(str(broken))
    if not content_is_sound(walk.ticket, walk.content):
        raise ExecutionRefused("changed_content: form, facts or plans differ from their digest")
    seal = next(
        (
            event.data
            for event in reversed(trail)
            if event.kind == Kind.EXECUTION_APPROVED and _at(event) == (visit.node, visit.round)
        ),
        None,
    )
    plan: Plan | None = walk.content.plans.get(visit.node)
    if seal is None or plan is None:
        raise ExecutionRefused("unapproved: no approval of this plan was recorded")
    if (seal["plan_digest"], seal["content_digest"]) != (plan["digest"], walk.content.digest):
        raise ExecutionRefused("changed_plan: the approved digests are others")
    if seal["decisions"] != decisions_on(walk):
        raise ExecutionRefused("changed_decisions: the decisions are others than those sealed")
    _require_not_begun(visit, trail)
    _require_approvals(walk, visit, trail)
    return plan


def _require_not_begun(visit: NodeVisit, trail: list[Event]) -> None:
    """I14 by the trail as well: who clears `started_at` in the database does not start a second run."""
    here = (visit.node, visit.round)
    turns = [event.kind for event in trail if event.kind in (Kind.JOB_STARTED, Kind.JOB_RERUN) and _at(event) == here]
    if turns and turns[-1] == Kind.JOB_STARTED:
        raise ExecutionRefused("begun: this approval has started a job already")


def _at(event: Event) -> tuple[str, int]:
    return event.data["node"], event.data["round"]


def _require_approvals(walk: Walk, visit: NodeVisit, trail: list[Event]) -> None:
    """Every approval that the chain puts before this node was given, on this content, by enough different people.

    How many were asked is read from the trail, not from rows that may have been removed.
    """
    asked = seats_asked(trail)
    passed = {_at(event) for event in trail if event.kind == Kind.TASK_PASSED}
    for step in route(walk.program, walk.facts(), walk.applicant, walk.organisation):
        if step.node == visit.node:
            return
        if step.type != "approval":
            continue
        closed = [v for v in walk.visits if v.node == step.node and v.outcome in ("approved", "passed")]
        last = closed[-1] if closed else None
        if last and last.outcome == "passed" and (last.node, last.round) in passed:
            continue  # the template lets the system pass it, which the check allows before read-only actions only
        tasks = walk.tasks_of(last) if last else []
        people = {t.decided_by_id for t in tasks if t.state == TaskState.APPROVED and t.digest == walk.content.digest}
        mode = walk.program.node(step.node).get("mode", "any")
        seats = len(asked[last.node, last.round]) if last else 1
        if len(people) < needed("all" if mode == "sequence" else mode, seats or 1):
            raise ExecutionRefused(f"incomplete: {step.node} has not approved this content")
    raise ExecutionRefused(f"unreachable: {visit.node} is not on the way of this ticket")


@transaction.atomic
def settle(*, visit_id: int, job_id: int, at: datetime, ok: bool, outcome: str, hosts: dict[str, str]) -> None:
    """A job ended. ok: the chain goes on; else the ticket fails and waits for a person.

    hosts: name → status. A second call, or one after a withdraw, changes nothing. Raises WrongState where a job
    that never began would have succeeded.
    """
    walk = lock(at, visits=visit_id)
    visit = _visit(walk, visit_id)
    if visit.state != NodeVisit.State.OPEN or walk.ticket.state != TicketState.EXECUTING:
        return
    if ok and visit.started_at is None:
        raise WrongState
    state = "completed" if ok else "failed"
    walk.record(
        Kind.JOB_FINISHED, system=True, job=job_id, state=state, outcome=outcome, hosts=hosts,
        **walk.node_facts(visit),
    )  # fmt: skip
    if ok:
        walk.ticket.approve_again()
        go_on(walk, visit, "completed")
    else:
        walk.ticket.fail()
        walk.record(
            Kind.TICKET_FAILED,
            system=True,
            node=visit.node,
            name=walk.node_facts(visit)["name"],
            reason=outcome,
        )
    walk.save()


@transaction.atomic
def rerun(*, visit_id: int, job_id: int, actor: User, at: datetime, comment: str = "") -> None:
    """Let the same approved plan begin once more. Raises WrongState unless the ticket has failed here."""
    walk = lock(at, actor, visits=visit_id)
    visit = _failed_visit(walk, visit_id)
    visit.started_at = None
    walk.changed(visit)
    walk.ticket.retry()
    walk.record(Kind.JOB_RERUN, job=job_id, comment=comment, **walk.node_facts(visit))
    walk.save()


@transaction.atomic
def resolve(*, visit_id: int, job_id: int, actor: User, at: datetime, comment: str) -> None:
    """A person settled the failed job by hand; the chain goes on. Raises WrongState."""
    walk = lock(at, actor, visits=visit_id)
    visit = _failed_visit(walk, visit_id)
    walk.ticket.resolve()
    walk.record(Kind.JOB_RESOLVED, job=job_id, comment=comment, **walk.node_facts(visit))
    go_on(walk, visit, "resolved")
    walk.save()


def _failed_visit(walk: Walk, visit_id: int) -> NodeVisit:
    visit = _visit(walk, visit_id)
    if walk.ticket.state != TicketState.FAILED or visit.state != NodeVisit.State.OPEN:
        raise WrongState
    return visit
