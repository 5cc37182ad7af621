"""A seat changes hands: by its holder, an administrator, or because time was up."""

from collections.abc import Sequence
from typing import Any

from templates_engine.approvers import Seat
from templates_engine.text import Text, both
from tickets.models import ApprovalTask
from tickets.nodes.seating import seat
from tickets.walk import Walk


def hand_over(
    walk: Walk, task: ApprovalTask, seats: Sequence[Seat], *, channel: str, comment: str = "", anew: bool = False
) -> list[ApprovalTask]:
    """Put others in a task's place; signatures added to it are added to the first of them.

    What is left of its time is theirs; where that was up, or `anew`, it begins anew.
    """
    leave(walk, task, channel, comment)
    place: dict[str, Any] = {"added_to": task.added_to, "position": task.position}
    is_late = task.due_at is not None and task.due_at <= walk.at
    made = (
        seat(walk, task.visit, seats, **place)
        if anew or is_late
        else walk.seat(task.visit, seats, task.due_at, **place)
    )
    inherit(walk, task, made[0])
    return made


def leave(walk: Walk, task: ApprovalTask, channel: str, comment: str) -> None:
    """This seat is given away."""
    task.transfer(
        by=walk.actor, on_behalf_of=walk.on_behalf_of, channel=channel, at=walk.at, comment=comment,
        digest=walk.content.digest,
    )  # fmt: skip
    walk.changed(task)


def inherit(walk: Walk, task: ApprovalTask, heir: ApprovalTask) -> None:
    """Signatures that were added to a task, asked or not, are added to its heir."""
    for other in walk.tasks_of(task.visit):
        if other.added_to is task:
            other.added_to = heir
            walk.changed(other)
    for entry in task.visit.queue:
        if entry.get("after") == task.assignee.username:
            entry["after"] = heir.assignee.username
            walk.changed(task.visit)


def because(reason: Text, comment: str) -> Text:
    """The reason with what was said about it."""
    if not comment or isinstance(reason, str):
        return reason
    said = comment if len(comment) <= 200 else comment[:199] + "…"
    return both(f"{reason['zh']}：{said}", f"{reason['en']}: {said}")
