"""Does this approval stand? The executor trusts no caller and no row: it recomputes the event chain, the content's and
the plan's digests, the decisions and the approvals that the chain demands, and refuses when anything differs (I13).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Subquery, When
from django.utils.translation import gettext_lazy as _

from config.errors import DomainError
from templates_engine.errors import BrokenSeal
from templates_engine.modes import needed
from templates_engine.program import Program, load, program_of
from templates_engine.route import Unplannable
from templates_engine.seals import as_json, from_json, judged
from tickets import ledger
from tickets.audit import breaks_of, content_is_sound
from tickets.events import Kind
from tickets.models import Event, NodeVisit
from tickets.models.content import Plan
from tickets.nodes.automation import decisions_on
from tickets.quorum import enough
from tickets.walk import Walk
from tickets.ways import is_on_way, way_to

RELEASES = (Kind.EXECUTION_APPROVED, Kind.JOB_RERUN)
TURNS = (*RELEASES, Kind.JOB_STARTED, Kind.JOB_FINISHED, Kind.JOB_RESOLVED, Kind.NODE_CLOSED)


class ExecutionRefused(DomainError):
    """What would run is not what was approved; `detail` says what differs.

    is_alarm: whether only somebody who wrote to the database could have brought that about.
    """

    is_alarm = True

    code, status = "execution_refused", 409
    text = _("What would run is not what was approved.")


@dataclass(frozen=True)
class Approved:
    """What the executor may run now, once; all of it from the verified trail.

    approved_at: when the last approval was given. release: the hash of the event that lets it begin, an approval or a
    permitted rerun, which no other run shares; hosts: those that the rerun is limited to, None for all.
    earlier: the releases of this visit before it, oldest first. attempts: how often it has begun so far.
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
    hosts: list[str] | None
    earlier: tuple[str, ...]
    attempts: int


def remembered_program(version_id: int) -> Program:
    """The program that this process knows, to lock the ticket with. Raises ExecutionRefused."""
    try:
        return load(version_id)
    except BrokenSeal as error:
        raise _changed_template(error) from error


def _changed_template(error: BrokenSeal) -> ExecutionRefused:
    return ExecutionRefused(f"changed_template: {error.extra['key']} version {error.extra['number']}")


def _read(walk: Walk) -> list[Event]:
    """The ticket's trail; and the program as the database has it now, for no memory of this process is believed (I13).

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


def verified(walk: Walk, visit: NodeVisit) -> Approved:
    """What was approved at this visit, after every check of I13. Raises ExecutionRefused."""
    trail = _read(walk)
    for broken in breaks_of(walk.ticket, trail, walk.tasks, [walk.content]):
        raise ExecutionRefused(str(broken))
    if not content_is_sound(walk.ticket, walk.content):
        raise ExecutionRefused("changed_content: form, facts or plans differ from their digest")
    here = [event for event in trail if event.kind in TURNS and _at(event) == (visit.node, visit.round)]
    sealed = next((event for event in reversed(here) if event.kind == Kind.EXECUTION_APPROVED), None)
    plan: Plan | None = walk.content.plans.get(visit.node)
    if sealed is None or plan is None:
        raise ExecutionRefused("unapproved: no approval of this plan was recorded")
    seal = sealed.data
    if seal["plan_digest"] != plan["digest"] or seal["content_digest"] not in walk.amended:
        raise ExecutionRefused("changed_plan: the approved digests are others")
    before = _before(walk, visit)
    _require_decisions(walk, seal["decisions"], before)
    release = _released(here)
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
        is_rerun=release.kind == Kind.JOB_RERUN,
        hosts=release.data.get("hosts"),
        earlier=tuple(event.hash for event in here if event.kind in RELEASES and event is not release),
        attempts=sum(1 for event in here if event.kind == Kind.JOB_STARTED),
    )


def _released(here: list[Event]) -> Event:
    """The event that lets the run begin: the last turn that the visit's run took, by the trail (I14, I17).

    Who changes the rows back does not start a second run, nor one that was cancelled or closed before it began.
    """
    last = here[-1]
    if last.kind == Kind.JOB_STARTED:
        raise ExecutionRefused("begun: this approval has started a job already")
    if last.kind not in RELEASES:
        raise ExecutionRefused(f"over: the trail says {last.kind} after the approval")
    return last


def _at(event: Event) -> tuple[str, int]:
    return event.data["node"], event.data["round"]


def _before(walk: Walk, visit: NodeVisit) -> list[str]:
    """The nodes that the chain puts before this one. Raises ExecutionRefused where it is not on the way."""
    try:
        if not is_on_way(walk.program, walk.facts(), visit.node):
            raise ExecutionRefused(f"unreachable: {visit.node} is not on the way of this ticket")
        return way_to(walk.program, walk.facts(), visit.node)
    except Unplannable as error:
        raise ExecutionRefused(f"unreachable: {error}") from error


def _require_decisions(walk: Walk, sealed: list[dict[str, Any]], before: list[str]) -> None:
    """Every decision in the seal still stands. Raises ExecutionRefused.

    In another branch of a fork more may have been made since, or asked for again: this run does not lean on those.
    """
    still, nodes = decisions_on(walk), {task.pk: task.visit.node for task in walk.tasks}
    if any(decision not in still and nodes.get(decision["task"]) in (None, *before) for decision in sealed):
        raise ExecutionRefused("changed_decisions: the decisions are others than those sealed")


def _require_approvals(walk: Walk, visit: NodeVisit, trail: list[Event], before: list[str]) -> None:
    """Every approval that the chain puts before this node was given, on this content, by enough different people.

    Who was asked, who handed on, who was added and who said yes is read from the trail, not from rows that may have
    been changed or removed.
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
            continue  # by dedup, or where the template lets the system pass it: before read-only actions only
        if entry is None or not _is_approved(node["mode"], entry, walk.standing_at(key)):
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
