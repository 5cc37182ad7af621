"""The seats of a visit as votes: those that sit, and those that wait in its queue."""

from collections.abc import Collection

from tickets.models import ApprovalTask, NodeVisit
from tickets.quorum import Vote
from tickets.states import TaskState

NO_SEAT = frozenset({TaskState.TRANSFERRED, TaskState.CANCELLED})


def votes(seats: Collection[ApprovalTask], visit: NodeVisit) -> list[Vote]:
    """Seats as they count, and those that wait in the visit's queue."""
    asked = [Vote(id(task), id(task.added_to) if task.added_to else None, _is_yes(task)) for task in seats]
    seat_of = {task.assignee.username: id(task) for task in seats}
    waiting = [Vote(("queue", at), seat_of.get(entry.get("after"))) for at, entry in enumerate(visit.queue)]
    return asked + waiting


def _is_yes(task: ApprovalTask) -> bool:
    return task.state in (TaskState.APPROVED, TaskState.CONFIRMED)
