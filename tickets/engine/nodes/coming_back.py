"""Come back after a return or edit: skip completed nodes, and open a node again with its earlier seats (I05)."""

from collections.abc import Sequence

from accounts.organisation.people import person
from templates_engine.approvers import Seat
from templates_engine.program.route import taken_case
from tickets.engine.nodes.approval import Approval
from tickets.engine.nodes.base import WAIT, behind
from tickets.engine.nodes.confirm import Confirm
from tickets.engine.nodes.dedup import fallen
from tickets.engine.nodes.seating import seat
from tickets.engine.walk import OPEN, Walk
from tickets.models import ApprovalTask, NodeVisit
from tickets.models.node_visit import PEOPLE, Waiting
from tickets.states import TaskState
from tickets.states.approval_task import Channel
from tickets.trail.events import Kind
from tickets.trail.shapes.tasks import SeatKept, SeatLater

SETTLE = {"approval": Approval().settle, "confirm": Confirm().settle}
SEATS = (TaskState.PENDING, TaskState.RETURNED, TaskState.APPROVED, TaskState.CONFIRMED)


class LostWay(RuntimeError):
    """The nodes to come back to are not on the way: a bug. Nothing is changed."""


def pass_over(walk: Walk, key: str) -> Sequence[str | None]:
    """What follows a completed node, without entering it. Raises LostWay at the end of a branch."""
    node = walk.program.node(key)
    if node["type"] == "join":
        raise LostWay(f"{walk.ticket.number} does not come back inside {node['fork']}")
    if node["type"] == "branch":
        return (taken_case(walk.program, key, walk.facts())["first"],)
    return (walk.program.node(node["next"])["next"],) if node["type"] == "parallel" else (node["next"],)


def into_fork(walk: Walk, key: str, ahead: Sequence[str]) -> None:
    """Come back to nodes inside a fork: only their branches are walked; the others are done or open."""
    visit = walk.last_visit(key)
    if visit is None or visit.state != OPEN:
        visit = walk.open_visit(key)
    within = {node: walk.program.within(node) for node in ahead if node != key}
    later = [node for node, around in within.items() if key not in dict(around)]
    if later:
        visit.reopen = later
        walk.changed(visit)
    for index, branch in reversed(list(enumerate(walk.program.node(key)["branches"]))):
        inside = [node for node, around in within.items() if (key, index) in around]
        if inside:
            walk.todo.append(branch["first"])
            walk.ahead[branch["first"]] = inside


def come_back(walk: Walk, key: str) -> Sequence[str | None] | None:
    """Open a node of people again with its earlier seats; decisions that stand are kept.

    Returns None if the node is to be entered as usual: an automatic node, a node where nobody was asked, or a node
    whose people must look again.
    """
    before = walk.last_visit(key)
    if before is None or before.type not in PEOPLE or key == walk.asked_again or not walk.tasks_of(before):
        return None
    visit = walk.open_visit(key)
    _keep(walk, before, visit)
    _ask(walk, before, visit)
    outcome = SETTLE[visit.type](walk, visit)
    if outcome is None:
        return WAIT
    walk.close_visit(visit, outcome)
    return behind(walk, key)


def _keep(walk: Walk, before: NodeVisit, visit: NodeVisit) -> None:
    """Keep the decisions that still stand."""
    kept = [task for task in walk.tasks_of(before) if walk.stands(task)]
    visit.kept = [task.pk for task in kept]
    walk.changed(visit)
    if kept:
        said = [SeatKept(username=task.assignee.username, round=task.visit.round) for task in kept]
        walk.record_by_system(Kind.TASK_KEPT, assignees=said, **walk.node_facts(visit))


def _ask(walk: Walk, before: NodeVisit, visit: NodeVisit) -> None:
    """Ask all others who had a seat, in the same order and on the same terms; in a sequence one after another."""
    seats = {task.assignee.username: task for task in walk.tasks_of(before) if _counts(task)}
    asked = [task for task in seats.values() if not walk.stands(task)]
    base = [task for task in asked if task.added_to is None]
    in_turn = walk.program.node(visit.node).get("mode") == "sequence"
    seat(walk, visit, [*([] if in_turn else map(_seat, base)), *fallen(walk, before, visit)])
    sitting = {task.assignee.username: task for task in walk.tasks_of(visit)}
    queue = [_waiting(task) for task in base] if in_turn else []
    for task in asked:
        adder = sitting.get(task.added_to.assignee.username) if task.added_to else None
        if adder is not None and task.position != ApprovalTask.Position.AFTER:
            sitting[task.assignee.username] = seat(walk, visit, [_seat(task)], added_to=adder, position=task.position)[
                0
            ]
        elif task.added_to is not None:
            queue.append(_waiting(task))
    visit.queue = [*queue, *(entry for entry in before.queue if entry["username"] not in seats)]
    if visit.queue:
        walk.seat(visit, [], later=[_told(entry) for entry in visit.queue])


def _counts(task: ApprovalTask) -> bool:
    """Whether this was a seat when its round ended: not transferred, and not removed by the person who added it."""
    taken_back = task.added_to is not None and task.channel != Channel.SYSTEM
    return task.state in SEATS or (task.state == TaskState.CANCELLED and not taken_back)


def _seat(task: ApprovalTask) -> Seat:
    return Seat(person(task.assignee), task.reason)


def _waiting(task: ApprovalTask) -> Waiting:
    entry = Waiting(username=task.assignee.username, reason=task.reason)
    if task.added_to is not None:
        entry["after"] = task.added_to.assignee.username
    return entry


def _told(entry: Waiting) -> SeatLater:
    """A queued seat as recorded in the trail; an added signature says whose seat it was added to."""
    told = SeatLater(username=entry["username"], reason=entry["reason"])
    if "after" in entry:
        told["added_to"] = entry["after"]
    return told
