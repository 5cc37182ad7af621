"""The data of events about nodes, tasks and seats."""

from typing import Any, NotRequired, TypedDict

from templates_engine.text import Text
from tickets.trail.shapes.base import AtNode, EventData, EventKind


class NodeOpened(AtNode):
    type: str


class NodeClosed(AtNode):
    """outcome: as in NodeVisit."""

    type: str
    outcome: str


class BranchTaken(EventData):
    """case: its name. when: its condition, null for the last."""

    node: str
    name: Text
    case: Text | None
    when: str | None


class SeatAsked(TypedDict):
    """added_to: whose signature it adds to, and at which position. due: the deadline, if the node has any."""

    username: str
    reason: Text
    added_to: NotRequired[str]
    position: NotRequired[str]
    due: NotRequired[str | None]


class SeatLater(TypedDict):
    """A seat of a sequence that is asked later."""

    username: str
    reason: Text
    added_to: NotRequired[str]


class InTurn(TypedDict):
    """Of a sequence. later: those asked after them. gone: usernames of those of them who have left since."""

    later: NotRequired[list[SeatLater]]
    gone: NotRequired[list[str]]


class TaskAssigned(AtNode, InTurn):
    """These people are asked now."""

    type: str
    assignees: list[SeatAsked]


class SeatKept(TypedDict):
    """round: the earlier one in which this person decided."""

    username: str
    round: int


class TaskKept(AtNode):
    """Decisions of earlier rounds that count in this one."""

    assignees: list[SeatKept]


class TaskPassed(AtNode):
    """reason: why the system passed it. assignees: whose seats; absent if nobody is asked at all."""

    reason: Text
    assignees: NotRequired[list[str]]


class ActOnTask(AtNode):
    """What a person did with a task."""

    task: int
    assignee: str
    channel: str
    comment: str
    digest: str


class TaskDecided(ActOnTask):
    """foreseen: node → digest of its plan's last dry run."""

    foreseen: NotRequired[dict[str, str]]


class TaskReturned(ActOnTask):
    """to: applicant, or a node."""

    to: str
    resume: str


class TaskTransferred(ActOnTask):
    users: list[str]


class TaskSignAdded(ActOnTask):
    users: list[str]
    position: str


class TaskSignRemoved(AtNode):
    """No digest: the person who was to sign has left."""

    task: int
    assignee: str
    channel: str
    comment: str
    digest: NotRequired[str]
    users: list[str]


class TaskCancelled(AtNode):
    assignees: list[str]


Replaced = TypedDict("Replaced", {"from": list[str]})


class TaskReassigned(AtNode, Replaced):
    """An administrator gave the seats of `from` to `users`."""

    users: list[str]
    comment: str


class TaskEscalated(AtNode, Replaced):
    """The seats of `from` went to `users`."""

    users: list[str]


class TaskLeft(AtNode):
    """users: their proxy has signed here for somebody else, and so cannot sign for them (I04)."""

    users: list[str]


class TransferTo(TypedDict):
    """What a node does when time is up: whom it asks instead, as its template says it."""

    transfer: Any


class TaskTimedOut(AtNode):
    action: str | TransferTo
    assignees: list[str]


class TaskKinds:
    """Kinds of events about people's tasks."""

    NODE_OPENED = EventKind("node.opened", NodeOpened)
    NODE_CLOSED = EventKind("node.closed", NodeClosed)
    BRANCH_TAKEN = EventKind("branch.taken", BranchTaken)
    TASK_ASSIGNED = EventKind("task.assigned", TaskAssigned)
    TASK_KEPT = EventKind("task.kept", TaskKept)
    TASK_PASSED = EventKind("task.passed", TaskPassed)
    TASK_APPROVED = EventKind("task.approved", TaskDecided)
    TASK_CONFIRMED = EventKind("task.confirmed", TaskDecided)
    TASK_RETURNED = EventKind("task.returned", TaskReturned)
    TASK_VETOED = EventKind("task.vetoed", TaskDecided)
    TASK_CANCELLED = EventKind("task.cancelled", TaskCancelled)
    TASK_TRANSFERRED = EventKind("task.transferred", TaskTransferred)
    TASK_SIGN_ADDED = EventKind("task.sign_added", TaskSignAdded)
    TASK_SIGN_REMOVED = EventKind("task.sign_removed", TaskSignRemoved)
    TASK_REASSIGNED = EventKind("task.reassigned", TaskReassigned)
    TASK_ESCALATED = EventKind("task.escalated", TaskEscalated)
    TASK_LEFT = EventKind("task.left", TaskLeft)
    TASK_TIMED_OUT = EventKind("task.timed_out", TaskTimedOut)
