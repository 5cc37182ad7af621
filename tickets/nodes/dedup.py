"""去重: whoever has approved the same content already is not asked again."""

from collections.abc import Sequence

from templates_engine.approvers import Seat, found
from templates_engine.foresight import signed_already
from templates_engine.modes import needed
from templates_engine.text import Text
from tickets.events import Kind
from tickets.models import NodeVisit
from tickets.states import TaskState
from tickets.walk import Walk
from tickets.ways import way_to


def asked_anew(walk: Walk, visit: NodeVisit, seats: Sequence[Seat]) -> tuple[Sequence[Seat], Text]:
    """(who must still be asked, why the others need not be; "" where everybody must).

    Where those who have signed before are enough by the node's mode, nobody is left to be asked.
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
    walk.record(Kind.TASK_PASSED, system=True, reason=why, assignees=visit.passed, **walk.node_facts(visit))
    return rest, why


def fallen(walk: Walk, before: NodeVisit, visit: NodeVisit) -> list[Seat]:
    """The seats that an earlier round of this node passed, as far as that no longer holds: these are asked now.

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
    """Who has said yes to content that still stands: anywhere, or at the approval node directly before."""
    if dedup == "none":
        return set()
    used = _used_until(walk, here)
    return {
        task.decided_by_id
        for visit in (_directly_before(walk, here) if dedup == "adjacent" else _anywhere_before(walk, here))
        if visit.pk is None or visit.pk > used
        for task in walk.seats_of(visit)
        if task.state == TaskState.APPROVED and task.decided_by_id and walk.stands(task)
    }


def _used_until(walk: Walk, here: NodeVisit) -> int:
    """The last visit whose signatures have started a job that would follow here once more: they count no more (I14)."""
    begun = [visit for visit in walk.visits if visit.has_begun]
    if not begun:
        return 0
    before = way_to(walk.program, walk.facts(), here.node)
    return max((visit.pk for visit in begun if visit.node not in before), default=0)


def _anywhere_before(walk: Walk, here: NodeVisit) -> list[NodeVisit]:
    """Approvals that were given, but not in another branch of a fork that both lie in."""
    taken = dict(walk.program.within(here.node))
    given = [visit for visit in walk.visits if visit is not here and visit.outcome == "approved"]
    return [v for v in given if all(taken.get(fork, i) == i for fork, i in walk.program.within(v.node))]


def _directly_before(walk: Walk, here: NodeVisit) -> list[NodeVisit]:
    """The nearest approval on the way here that people gave; those that passed for the same reason are looked past."""
    for key in reversed(way_to(walk.program, walk.facts(), here.node)):
        visit = walk.last_visit(key)
        if visit is None or visit.type != "approval" or visit.outcome == "passed":
            continue
        return [visit] if visit.outcome == "approved" else []
    return []
