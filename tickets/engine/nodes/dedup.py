"""去重: people who have already approved the same content are not asked again."""

from collections.abc import Sequence

from templates_engine.approvers import Seat, found
from templates_engine.approvers.modes import needed
from templates_engine.program.predicted_dedup import signed_already
from templates_engine.text import Text
from tickets.engine.walk import Walk
from tickets.models import NodeVisit
from tickets.rules.dry_run_rules import guards_around
from tickets.rules.ways import way_to
from tickets.states import TaskState
from tickets.trail.events import Kind


def asked_anew(walk: Walk, visit: NodeVisit, seats: Sequence[Seat]) -> tuple[Sequence[Seat], Text]:
    """Return (seats still to be asked, why the others are not asked; "" if all must be asked).

    No seats are left if the earlier signatures are enough for the node's mode.
    """
    node = walk.program.node(visit.node)
    applies = node["type"] == "approval" and visit.node != walk.asked_again
    signed = _signers(walk, visit, node["dedup"]) if applies else set()
    before = [seat.person for seat in seats if seat.person.id in signed]
    if not before:
        return seats, ""
    why = signed_already(before)
    if len(before) >= needed(node["mode"], len(seats)):
        return (), why
    rest = [seat for seat in seats if seat.person.id not in signed]
    visit.passed = [person.username for person in before]
    walk.changed(visit)
    walk.record_by_system(Kind.TASK_PASSED, reason=why, assignees=visit.passed, **walk.node_facts(visit))
    return rest, why


def fallen(walk: Walk, before: NodeVisit, visit: NodeVisit) -> list[Seat]:
    """The seats that an earlier round of this node passed and that must be asked now.

    The others stay passed.
    """
    if not before.passed:
        return []
    node = walk.program.node(visit.node)
    signed = _signers(walk, visit, node["dedup"])
    reasons = {seat.person.id: seat.reason for seat in found(node["approvers"], walk.circumstances())}
    people = walk.organisation.by_usernames(before.passed)
    visit.passed = [person.username for person in people if person.id in signed]
    walk.changed(visit)
    return [Seat(person, reasons.get(person.id, "")) for person in people if person.id not in signed]


def _signers(walk: Walk, here: NodeVisit, dedup: str) -> set[int]:
    """Ids of people who said yes to content that still stands: anywhere, or at the approval directly before.

    A yes does not count if it was given where a dry run required here could not be seen yet.
    """
    if dedup == "none":
        return set()
    used, guards = _used_until(walk, here), guards_around(walk.program, walk.content, here.node)
    return {
        task.decided_by_id
        for visit in (_directly_before(walk, here) if dedup == "adjacent" else _anywhere_before(walk, here))
        if (visit.pk is None or visit.pk > used) and all(visit.node in nodes for nodes in guards)
        for task in walk.seats_of(visit)
        if task.state == TaskState.APPROVED and task.decided_by_id and walk.stands(task)
    }


def _used_until(walk: Walk, here: NodeVisit) -> int:
    """The last visit whose signatures have started a job that would follow here again: they no longer count (I14)."""
    begun = [visit for visit in walk.visits if visit.has_begun]
    if not begun:
        return 0
    before = way_to(walk.program, walk.facts(), here.node)
    return max((visit.pk for visit in begun if visit.node not in before), default=0)


def _anywhere_before(walk: Walk, here: NodeVisit) -> list[NodeVisit]:
    """Given approvals, except those in another branch of a fork around both nodes."""
    taken = dict(walk.program.within(here.node))
    given = [visit for visit in walk.visits if visit is not here and visit.outcome == "approved"]
    return [v for v in given if all(taken.get(fork, i) == i for fork, i in walk.program.within(v.node))]


def _directly_before(walk: Walk, here: NodeVisit) -> list[NodeVisit]:
    """The nearest approval on the way here that people gave; passed ones are skipped."""
    for key in reversed(way_to(walk.program, walk.facts(), here.node)):
        visit = walk.last_visit(key)
        if visit is None or visit.type != "approval" or visit.outcome == "passed":
            continue
        return [visit] if visit.outcome == "approved" else []
    return []
