"""Hand a seat over to others: by its assignee, by an administrator, or by a timeout."""

from collections.abc import Sequence

from templates_engine.approvers import Seat
from templates_engine.text import Text, both
from tickets.engine.nodes.seating import Place, seat
from tickets.engine.walk import Walk
from tickets.models import ApprovalTask


def hand_over(
    walk: Walk, task: ApprovalTask, seats: Sequence[Seat], *, channel: str, comment: str = "", anew: bool = False
) -> list[ApprovalTask]:
    """Assign others instead of this task; signatures added to it are moved to the first new task.

    New assignees keep the deadline; if it has passed, or with `anew`, it restarts.
    """
    leave(walk, task, channel, comment)
    place: Place = {"added_to": task.added_to, "position": task.position}
    is_late = task.due_at is not None and task.due_at <= walk.at
    made = (
        seat(walk, task.visit, seats, **place)
        if anew or is_late
        else walk.seat(task.visit, seats, task.due_at, **place)
    )
    inherit(walk, task, made[0])
    return made


def leave(walk: Walk, task: ApprovalTask, channel: str, comment: str) -> None:
    """Mark this task as transferred."""
    task.transfer(
        by=walk.actor, on_behalf_of=walk.on_behalf_of, channel=channel, at=walk.at, comment=comment,
        digest=walk.content.digest,
    )  # fmt: skip
    walk.changed(task)


def inherit(walk: Walk, task: ApprovalTask, heir: ApprovalTask) -> None:
    """Move signatures that were added to a task, asked or still queued, to its successor."""
    for other in walk.tasks_of(task.visit):
        if other.added_to is task:
            other.added_to = heir
            walk.changed(other)
    for entry in task.visit.queue:
        if entry.get("after") == task.assignee.username:
            entry["after"] = heir.assignee.username
            walk.changed(task.visit)


def because(reason: Text, comment: str) -> Text:
    """The reason, extended by the comment."""
    if not comment or isinstance(reason, str):
        return reason
    said = comment if len(comment) <= 200 else comment[:199] + "…"
    return both(f"{reason['zh']}：{said}", f"{reason['en']}: {said}")
