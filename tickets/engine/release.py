"""Check that an execution was approved. The executor trusts no caller and no row: it recomputes the event chain, the
digests of content and plan, the decisions, and the approvals that the chain demands; it refuses any difference (I13).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Subquery, When
from django.utils.translation import gettext_lazy as _

from common.errors import DomainError
from templates_engine.approvers.modes import needed
from templates_engine.errors import BrokenSeal
from templates_engine.program.program import Program
from templates_engine.program.route import Unplannable
from templates_engine.store.programs import load, program_of
from templates_engine.store.seals import as_json, from_json, judged
from tickets.audit import ledger
from tickets.audit.verify import breaks_of, content_is_sound
from tickets.engine.nodes.automation import decisions_on
from tickets.engine.walk import Walk
from tickets.models import Event, NodeVisit
from tickets.models.content import Plan
from tickets.rules.dry_run_rules import DONE, REQUIRED, signed_for, told_by
from tickets.rules.quorum import enough
from tickets.rules.ways import is_on_way, way_to
from tickets.trail.events import RELEASES, Kind
from tickets.trail.shapes.runs import ExecutionApproved, SealedDecision

TURNS = (*RELEASES, Kind.JOB_STARTED, Kind.JOB_PAUSED, Kind.JOB_FINISHED, Kind.JOB_RESOLVED, Kind.NODE_CLOSED)


class ExecutionRefused(DomainError):
    """What would run is not what was approved; `detail` says what differs.

    is_alarm: whether only a write to the database from outside could have caused it.
    """

    is_alarm = True

    code, status = "execution_refused", 409
    text = _("What would run is not what was approved.")


@dataclass(frozen=True)
class Approved:
    """What the executor may run now, once; all of it from the verified trail.

    approved_at: when the last approval was given. release: hash of the event that allows it to begin (an approval, a
    permitted rerun, a resumption or a rollback), unique per run. hosts: the hosts it is limited to, None for all.
    whole: the hosts of the whole run that it continues, None for all; batches are counted over them.
    is_rerun: a person asked for it and could see how the last run ended. is_rollback: it runs the plan's rollback.
    earlier: the earlier releases of this visit, oldest first. attempts: how often it has begun so far.
    """

    plan: Plan
    content_digest: str
    ticket_id: int
    number: str
    title: str
    applicant: str
    node: str
    name: Any
    round: int
    approved_at: datetime
    release: str
    is_rerun: bool
    is_rollback: bool
    hosts: list[str] | None
    whole: list[str] | None
    earlier: tuple[str, ...]
    attempts: int


def remembered_program(version_id: int) -> Program:
    """The program as cached by this process, used to lock the ticket. Raises ExecutionRefused."""
    try:
        return load(version_id)
    except BrokenSeal as error:
        raise _changed_template(error) from error


def _changed_template(error: BrokenSeal) -> ExecutionRefused:
    return ExecutionRefused(f"changed_template: {error.extra['key']} version {error.extra['number']}")


def _read(walk: Walk) -> list[Event]:
    """The ticket's trail; also reads the program from the database, because caches are not trusted here (I13).

    Both in one statement. Raises ExecutionRefused.
    """
    version = Case(When(seq=1, then=Subquery(as_json(walk.ticket.template_version_id))))
    trail = list(Event.objects.filter(ticket=walk.ticket).annotate(version=version).order_by("seq"))
    if not trail or trail[0].version is None:
        raise ExecutionRefused(f"{walk.ticket.number}: missing_event: event 1 is gone")
    try:
        walk.program = program_of(judged(from_json(trail[0].version)))
    except BrokenSeal as error:
        raise _changed_template(error) from error
    return list[Event](trail)


def verified(walk: Walk, visit: NodeVisit, begun_by: int | None = None) -> Approved:
    """What was approved at this visit, after every check of I13. Raises ExecutionRefused.

    begun_by: the job that has begun under this release, to check its result; None for what may begin.
    """
    trail = _read(walk)
    for broken in breaks_of(walk.ticket, trail, walk.tasks, [walk.content]):
        raise ExecutionRefused(str(broken))
    if not content_is_sound(walk.ticket, walk.content):
        raise ExecutionRefused("changed_content: form, facts or plans differ from their digest")
    here = [event for event in trail if event.kind in TURNS and _at(event) == (visit.node, visit.round)]
    if begun_by is not None:
        here = _without_begin(here, begun_by)
    sealed = next((event for event in reversed(here) if event.kind == Kind.EXECUTION_APPROVED), None)
    plan: Plan | None = walk.content.plans.get(visit.node)
    if sealed is None or plan is None:
        raise ExecutionRefused("unapproved: no approval of this plan was recorded")
    seal = Kind.EXECUTION_APPROVED.of(sealed)
    if seal["plan_digest"] != plan["digest"] or seal["content_digest"] not in walk.amended:
        raise ExecutionRefused("changed_plan: the approved digests are others")
    _require_foreseen(walk, plan, seal, trail)
    before = _before(walk, visit)
    _require_decisions(walk, seal["decisions"], before)
    release, begun_with = _released(here), _begun_with(here)
    _require_approvals(walk, visit, trail, before)
    return Approved(
        plan=plan,
        content_digest=seal["content_digest"],
        ticket_id=walk.ticket.pk,
        number=walk.ticket.number,
        title=walk.ticket.title,
        applicant=walk.ticket.applicant.username,
        node=visit.node,
        name=seal["name"],
        round=visit.round,
        approved_at=sealed.at,
        release=release.hash,
        is_rerun=release.kind in (Kind.JOB_RERUN, Kind.JOB_ROLLBACK),
        is_rollback=begun_with.kind == Kind.JOB_ROLLBACK,
        hosts=release.data.get("hosts"),
        whole=begun_with.data.get("hosts"),
        earlier=tuple(event.hash for event in here if event.kind in RELEASES and event is not release),
        attempts=sum(1 for event in here if event.kind == Kind.JOB_STARTED),
    )


def _require_foreseen(walk: Walk, plan: Plan, seal: ExecutionApproved, trail: list[Event]) -> None:
    """Check that the dry run signed with this plan is the last one in the trail (I05). Raises
    ExecutionRefused.
    """
    if plan.get("dry_run") != REQUIRED:
        return
    signed, last = signed_for(walk.content, plan), told_by(trail).get(plan["node"])
    if signed is None or last is None or last["state"] != DONE:
        raise ExecutionRefused("unforeseen: no dry run of this plan was signed with it")
    if not seal.get("foreseen") == signed["digest"] == last["digest"] or last["plan"] != plan["digest"]:
        raise ExecutionRefused("changed_dry_run: the dry run that was signed is not the one that the trail knows")


def _without_begin(here: list[Event], job: int) -> list[Event]:
    """The turns before this job's run began; the run is active, or its outcome is unknown. Raises ExecutionRefused
    if it is another job's run."""
    if here and here[-1].kind == Kind.JOB_FINISHED and Kind.JOB_FINISHED.of(here[-1]).get("outcome") == "unknown":
        here = here[:-1]
    if not here or here[-1].kind != Kind.JOB_STARTED or Kind.JOB_STARTED.of(here[-1]).get("job") != job:
        raise ExecutionRefused("not_begun: the trail knows of no such run under way")
    return here[:-1]


def _released(here: list[Event]) -> Event:
    """The event that allows the run to begin: the last turn of this visit in the trail (I14, I17).

    Restoring old rows does not start a second run, nor a run that was cancelled or closed before it began.
    """
    last = here[-1]
    if last.kind == Kind.JOB_STARTED:
        raise ExecutionRefused("begun: this approval has started a job already")
    if last.kind not in RELEASES:
        raise ExecutionRefused(f"over: the trail says {last.kind} after the approval")
    return last


def _begun_with(here: list[Event]) -> Event:
    """The release that the last run began with, before any pause."""
    return next(event for event in reversed(here) if event.kind in RELEASES and event.kind != Kind.JOB_RESUMED)


def _at(event: Event) -> tuple[str, int]:
    return event.data["node"], event.data["round"]


def _before(walk: Walk, visit: NodeVisit) -> list[str]:
    """The nodes that come before this one in the chain. Raises ExecutionRefused if it is not on the way."""
    try:
        if not is_on_way(walk.program, walk.facts(), visit.node):
            raise ExecutionRefused(f"unreachable: {visit.node} is not on the way of this ticket")
        return way_to(walk.program, walk.facts(), visit.node)
    except Unplannable as error:
        raise ExecutionRefused(f"unreachable: {error}") from error


def _require_decisions(walk: Walk, sealed: list[SealedDecision], before: list[str]) -> None:
    """Check that every decision in the seal still stands. Raises ExecutionRefused.

    Decisions in another branch of a fork may have been made or asked for again since; this run does not depend on them.
    """
    still, nodes = decisions_on(walk), {task.pk: task.visit.node for task in walk.tasks}
    if any(decision not in still and nodes.get(decision["task"]) in (None, *before) for decision in sealed):
        raise ExecutionRefused("changed_decisions: the decisions are others than those sealed")


def _require_approvals(walk: Walk, visit: NodeVisit, trail: list[Event], before: list[str]) -> None:
    """Check every approval before this node: given on this content, by enough different people.

    Who was asked, handed on, added or said yes is read from the trail, because rows may have been changed or removed.
    """
    book, used = ledger.read(trail), _used_until(walk, visit, trail)
    for key in before:
        node = walk.program.node(key)
        if node["type"] != "approval":
            continue
        last = walk.last_visit(key)
        if last is not None and last.outcome not in ("approved", "passed"):
            raise ExecutionRefused(f"incomplete: {key} is being asked again")
        if last is not None and last.pk < used:
            raise ExecutionRefused(f"used: the approval of {key} has started a run of {visit.node} already")
        entry = book.get((last.node, last.round)) if last else None
        if last and entry and last.outcome == "passed" and entry.passed:
            continue  # by dedup, or passed by the system as the template allows, which is only before read-only actions
        if entry is None or not _is_approved(node["mode"], entry, walk.standing_at(key)):
            raise ExecutionRefused(f"incomplete: {key} has not approved this content")


def _used_until(walk: Walk, visit: NodeVisit, trail: list[Event]) -> int:
    """Id of the last visit whose approvals have already started a run of this node (I14, A33); 0 for none."""
    begun = {_at(event) for event in trail if event.kind == Kind.JOB_STARTED}
    earlier = [v.pk for v in walk.visits if v.node == visit.node and v is not visit and (v.node, v.round) in begun]
    return max(earlier, default=0)


def _is_approved(mode: Any, entry: ledger.Entry, standing: frozenset[str]) -> bool:
    """Whether enough seats said yes, by as many different people as the mode needs (I04)."""
    votes = entry.votes(standing)
    base = sum(1 for vote in votes if vote.added_to is None)
    return enough(mode, votes) and len(entry.actors(standing)) >= needed(mode, base)
