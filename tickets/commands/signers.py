"""转交、加签、减签: assignees transfer their seat, add signatures, or remove them."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import finding
from templates_engine.approvers import Seat
from templates_engine.text import both
from tickets.commands.candidates import free_people
from tickets.commands.decide import told
from tickets.commands.locked_task import lock_task, require_verb
from tickets.engine.advance import settle
from tickets.engine.handing_over import because, hand_over
from tickets.engine.nodes.seating import seat
from tickets.engine.walk import Walk
from tickets.errors import Invalid
from tickets.models import ApprovalTask, Ticket
from tickets.models.node_visit import Waiting
from tickets.rules.rights import removable
from tickets.states import TaskState
from tickets.trail.events import Kind


@transaction.atomic
def transfer(
    *,
    task_id: int,
    actor: User,
    users: Sequence[str],
    channel: str,
    comment: str = "",
    at: datetime | None = None,
) -> Ticket:
    """转交: let others decide instead. Raises as `decide` does, and Invalid for people who may not have a seat."""
    walk, task = lock_task(task_id, actor, at)
    require_verb(walk, task, "transfer", actor)
    people = free_people(walk, task.visit, users, besides=_agent(walk))
    walk.record(
        Kind.TASK_TRANSFERRED, users=[person.username for person in people],
        **told(walk, task, channel=channel, comment=comment),
    )  # fmt: skip
    why = because(both(f"{actor.username} 转交", f"transferred by {actor.username}"), comment)
    hand_over(walk, task, [Seat(person, why) for person in people], channel=channel, comment=comment)
    walk.save()
    return walk.ticket


@transaction.atomic
def add_sign(
    *,
    task_id: int,
    actor: User,
    users: Sequence[str],
    position: str,
    channel: str,
    comment: str = "",
    at: datetime | None = None,
) -> Ticket:
    """加签: add signatures before, after or with one's own. Raises as `transfer` does."""
    walk, task = lock_task(task_id, actor, at)
    require_verb(walk, task, "add_sign", actor)
    people = free_people(walk, task.visit, users, besides=_agent(walk))
    walk.record(
        Kind.TASK_SIGN_ADDED, users=[person.username for person in people], position=position,
        **told(walk, task, channel=channel, comment=comment),
    )  # fmt: skip
    why = because(both(f"{actor.username} 加签", f"added by {actor.username}"), comment)
    if position == ApprovalTask.Position.AFTER:
        waiting = [Waiting(username=p.username, reason=why, after=task.assignee.username) for p in people]
        task.visit.queue = [*task.visit.queue, *waiting]
        walk.changed(task.visit)
    else:
        seat(walk, task.visit, [Seat(person, why) for person in people], added_to=task, position=position)
    walk.save()
    return walk.ticket


@transaction.atomic
def remove_sign(
    *,
    task_id: int,
    actor: User,
    users: Sequence[str],
    channel: str,
    comment: str = "",
    at: datetime | None = None,
) -> Ticket:
    """减签: remove signatures that the assignee asked for and that are not given yet. Raises as `transfer` does."""
    walk, task = lock_task(task_id, actor, at)
    require_verb(walk, task, "remove_sign", actor)
    mine = removable(task, walk.tasks_of(task.visit))
    unknown = [index for index, name in enumerate(users) if name not in mine]
    if unknown:
        message = _("You have not asked for this signature, or it is already given.")
        raise Invalid([finding(f"users[{index}]", "not_added", message) for index in unknown])
    walk.record(
        Kind.TASK_SIGN_REMOVED, users=list(users), **told(walk, task, channel=channel, comment=comment),
    )  # fmt: skip
    for other in walk.pending(task.visit):
        if other.added_to is task and other.assignee.username in users:
            _drop(walk, other, channel)
    task.visit.queue = [
        entry
        for entry in task.visit.queue
        if not (entry.get("after") == task.assignee.username and entry["username"] in users)
    ]
    walk.changed(task.visit)
    settle(walk, task.visit)
    walk.save()
    return walk.ticket


def _drop(walk: Walk, task: ApprovalTask, channel: str) -> None:
    """Remove a signature and those added to it in turn, including below signatures already given."""
    for other in walk.seats_of(task.visit):
        if other.added_to is task:
            _drop(walk, other, channel)
    if task.state == TaskState.PENDING:
        walk.cancel(task, channel)
    task.visit.queue = [entry for entry in task.visit.queue if entry.get("after") != task.assignee.username]


def _agent(walk: Walk) -> set[int]:
    """The acting proxy, who may not get the seat themselves: it would outlive the proxy's window (I11)."""
    return {walk.actor.pk} if walk.on_behalf_of and walk.actor else set()
