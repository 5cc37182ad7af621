"""The machine's side of a ticket: what was approved is released once, and its outcome moves the ticket on.

The executor trusts no caller: `begin` recomputes the event chain, the content's and the plan's digests, the
decisions and the approvals that the chain demands, and refuses when anything differs (I13).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from config.errors import DomainError
from templates_engine.route import Unplannable
from tickets import ledger
from tickets.advance import go_on, settle_state
from tickets.audit import breaks_of, content_is_sound
from tickets.commands.children import wake_parent
from tickets.errors import AlreadyRunning, WrongState
from tickets.events import Kind
from tickets.models import Event, NodeVisit
from tickets.models.content import Plan
from tickets.nodes.automation import decisions_on
from tickets.quorum import enough, needed
from tickets.states.ticket import FINAL
from tickets.walk import OPEN, Walk, lock
from tickets.ways import is_on_way, way_to


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
    walk = lock(at, visit=visit_id)
    visit = _visit(walk, visit_id)
    if walk.ticket.state in FINAL or visit.state != OPEN or visit.outcome == "failed":
        raise WrongState
    if visit.is_running:
        raise AlreadyRunning
    plan = _verified_plan(walk, visit)
    visit.started_at, visit.outcome, visit.queue = at, "", [{"job": job_id}]
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
    if seal["plan_digest"] != plan["digest"] or seal["content_digest"] not in walk.standing:
        raise ExecutionRefused("changed_plan: the approved digests are others")
    still = decisions_on(walk)  # in another branch of a fork more may have been made since
    if not all(decision in still for decision in seal["decisions"]):
        raise ExecutionRefused("changed_decisions: the decisions are others than those sealed")
    _require_not_begun(visit, trail)
    _require_approvals(walk, visit, trail)
    return plan


def _require_not_begun(visit: NodeVisit, trail: list[Event]) -> None:
    """I14 by the trail as well: who changes the visit in the database does not start a second run."""
    here = (visit.node, visit.round)
    turns = [event.kind for event in trail if event.kind in (Kind.JOB_STARTED, Kind.JOB_RERUN) and _at(event) == here]
    if turns and turns[-1] == Kind.JOB_STARTED:
        raise ExecutionRefused("begun: this approval has started a job already")


def _at(event: Event) -> tuple[str, int]:
    return event.data["node"], event.data["round"]


def _require_approvals(walk: Walk, visit: NodeVisit, trail: list[Event]) -> None:
    """Every approval that the chain puts before this node was given, on this content, by enough different people.

    Who was asked, who handed on, who was added and who said yes is read from the trail, not from rows that may have
    been changed or removed.
    """
    book, facts = ledger.read(trail), walk.facts()
    used = _used_until(walk, visit, trail)
    try:
        if not is_on_way(walk.program, facts, visit.node):
            raise ExecutionRefused(f"unreachable: {visit.node} is not on the way of this ticket")
        before = way_to(walk.program, facts, visit.node)
    except Unplannable as error:
        raise ExecutionRefused(f"unreachable: {error}") from error
    for key in before:
        node = walk.program.node(key)
        if node["type"] != "approval":
            continue
        last = next((v for v in reversed(walk.visits) if v.node == key and v.outcome in ("approved", "passed")), None)
        if last is not None and last.pk < used:
            raise ExecutionRefused(f"used: the approval of {key} has started a run of {visit.node} already")
        entry = book.get((last.node, last.round)) if last else None
        if last and entry and last.outcome == "passed" and entry.passed:
            continue  # by dedup, or where the template lets the system pass it: before read-only actions only
        if entry is None or not _is_approved(node["mode"], entry, walk.standing):
            raise ExecutionRefused(f"incomplete: {key} has not approved this content")


def _used_until(walk: Walk, visit: NodeVisit, trail: list[Event]) -> int:
    """The last visit whose approvals have started a run of this node before, by its id (I14, A33); 0 for none."""
    begun = {_at(event) for event in trail if event.kind == Kind.JOB_STARTED}
    earlier = [v.pk for v in walk.visits if v.node == visit.node and v is not visit and (v.node, v.round) in begun]
    return max(earlier, default=0)


def _is_approved(mode: Any, entry: ledger.Entry, standing: frozenset[str]) -> bool:
    """Enough seats said yes, by as many different people as that takes (I4)."""
    votes = entry.votes(standing)
    base = sum(1 for vote in votes if vote.added_to is None)
    return enough(mode, votes) and len(entry.actors(standing)) >= needed(mode, base)


@transaction.atomic
def settle(*, visit_id: int, job_id: int, at: datetime, ok: bool, outcome: str, hosts: dict[str, str]) -> None:
    """A job ended. ok: the chain goes on; else the ticket fails and waits for a person.

    hosts: name → status. A second call, one after a withdraw, or what an earlier job than the visit's current one
    comes to, changes nothing. Raises WrongState where a job that never began would have succeeded.
    """
    walk = lock(at, visit=visit_id)
    visit = _visit(walk, visit_id)
    if visit.state != OPEN or visit.outcome == "failed" or walk.ticket.state in FINAL:
        return
    if visit.queue not in ([], [{"job": job_id}]):
        return
    if ok and not visit.is_running:
        raise WrongState
    state = "completed" if ok else "failed"
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
def rerun(*, visit_id: int, job_id: int, actor: User, at: datetime, comment: str = "") -> None:
    """Let the same approved plan begin once more. Raises WrongState unless the ticket has failed here."""
    walk = lock(at, actor, visit=visit_id)
    visit = _failed_visit(walk, visit_id)
    visit.outcome, visit.queue = "rerun", [{"job": job_id}]
    walk.changed(visit)
    settle_state(walk)
    walk.record(Kind.JOB_RERUN, job=job_id, comment=comment, **walk.node_facts(visit))
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
