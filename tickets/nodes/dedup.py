"""去重: whoever has approved the same content already is not asked again."""

from collections.abc import Sequence

from templates_engine.approvers import Seat
from templates_engine.text import Text, both
from tickets.events import Kind
from tickets.models import NodeVisit
from tickets.quorum import needed
from tickets.states import TaskState
from tickets.walk import Walk


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
    names = "、".join(person.username for person in before), ", ".join(person.username for person in before)
    why = both(f"{names[0]} 已经审批过同样的内容", f"already approved by {names[1]}, with the same content")
    if len(before) >= needed(node["mode"], len(seats)):
        return (), why
    rest = [seat for seat in seats if seat.person.id not in signed]
    usernames = [person.username for person in before]
    walk.record(Kind.TASK_PASSED, system=True, reason=why, assignees=usernames, **walk.node_facts(visit))
    return rest, why


def _signers(walk: Walk, here: NodeVisit, dedup: str) -> set[int]:
    """Who has said yes to content that still stands: anywhere, or at the approval node directly before."""
    if dedup == "none":
        return set()
    visits = [visit for visit in walk.visits if visit.outcome == "approved" and _is_before(walk, visit, here)]
    if dedup == "adjacent":
        visits = visits[-1:]
    return {
        task.decided_by_id
        for visit in visits
        for task in walk.seats_of(visit)
        if task.state == TaskState.APPROVED and task.decided_by_id and task.digest in walk.standing
    }


def _is_before(walk: Walk, visit: NodeVisit, here: NodeVisit) -> bool:
    """Not in another branch of a fork that both lie in."""
    taken = dict(walk.program.within(here.node))
    return visit is not here and all(taken.get(fork, i) == i for fork, i in walk.program.within(visit.node))
