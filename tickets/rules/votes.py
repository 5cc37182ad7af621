"""The seats of a visit as votes: assigned ones, and those waiting in its queue."""

from collections.abc import Collection, Iterable

from tickets.models import ApprovalTask, NodeVisit
from tickets.rules.quorum import Vote
from tickets.states import TaskState

NO_SEAT = frozenset({TaskState.TRANSFERRED, TaskState.CANCELLED})


def tasks_of(visit: NodeVisit, tasks: Iterable[ApprovalTask]) -> list[ApprovalTask]:
    """Of a ticket's tasks, those of one visit, and those of earlier rounds whose decision counts in it."""
    return [task for task in tasks if task.visit is visit or (task.pk is not None and task.pk in visit.kept)]


def votes(seats: Collection[ApprovalTask], visit: NodeVisit) -> list[Vote]:
    """The seats as votes, and those that wait in the visit's queue.

    An added signature is matched to the person who asked for it by name, because their own seat may be of an earlier
    round or newly assigned.
    """
    seat_of = {task.assignee.username: id(task) for task in seats}
    asked = [
        Vote(id(task), seat_of.get(task.added_to.assignee.username, id(task.added_to)) if task.added_to else None,
             _is_yes(task))
        for task in seats
    ]  # fmt: skip
    waiting = [Vote(("queue", at), seat_of.get(entry.get("after"))) for at, entry in enumerate(visit.queue)]
    return asked + waiting


def _is_yes(task: ApprovalTask) -> bool:
    return task.state in (TaskState.APPROVED, TaskState.CONFIRMED)
