"""转交、加签、减签、改派: who sits where, changed by people. Nobody sits twice, and never the applicant (I3, I4)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.people import Person
from templates_engine.approvers import Seat
from templates_engine.text import Text, both
from tickets.advance import settle
from tickets.commands.decide import told
from tickets.commands.seat import require_verb, take_seat
from tickets.errors import Invalid, NotAllowed, OwnTicket, WrongState
from tickets.events import Kind
from tickets.models import ApprovalTask, NodeVisit, Ticket
from tickets.models.node_visit import PEOPLE, Waiting
from tickets.nodes.seating import barred, seat
from tickets.queries.visible import get_visible
from tickets.rights import removable, taking_part
from tickets.states import TaskState
from tickets.states.ticket import FINAL
from tickets.walk import Walk, lock


@transaction.atomic
def transfer(
    *, task_id: int, actor: User, at: datetime, users: Sequence[str], channel: str, comment: str = ""
) -> Ticket:
    """转交: somebody else decides instead. Raises as `decide` does, and Invalid for people who may not sit here."""
    walk, task = take_seat(task_id, actor, at)
    require_verb(walk, task, "transfer")
    people = free_people(walk, task.visit, users, besides=_agent(walk))
    walk.record(
        Kind.TASK_TRANSFERRED, users=[person.username for person in people],
        **told(walk, task, channel=channel, comment=comment),
    )  # fmt: skip
    why = _because(both(f"{actor.username} 转交", f"transferred by {actor.username}"), comment)
    hand_over(walk, task, [Seat(person, why) for person in people], channel=channel, comment=comment)
    walk.save()
    return walk.ticket


def _agent(walk: Walk) -> set[int]:
    """A proxy takes no seat of his own from it: that would outlive his window (I11)."""
    return {walk.actor.pk} if walk.on_behalf_of and walk.actor else set()


def hand_over(
    walk: Walk, task: ApprovalTask, seats: Sequence[Seat], *, channel: str, comment: str = "", anew: bool = False
) -> list[ApprovalTask]:
    """Put others in a task's place; signatures added to it are added to the first of them.

    What is left of its time is theirs; where that was up, or `anew`, it begins anew.
    """
    _leave(walk, task, channel, comment)
    place: dict[str, Any] = {"added_to": task.added_to, "position": task.position}
    is_late = task.due_at is not None and task.due_at <= walk.at
    made = (
        seat(walk, task.visit, seats, **place)
        if anew or is_late
        else walk.seat(task.visit, seats, task.due_at, **place)
    )
    _inherit(walk, task, made[0])
    return made


def _leave(walk: Walk, task: ApprovalTask, channel: str, comment: str) -> None:
    task.transfer(
        by=walk.actor, on_behalf_of=walk.on_behalf_of, channel=channel, at=walk.at, comment=comment,
        digest=walk.content.digest,
    )  # fmt: skip
    walk.changed(task)


def _inherit(walk: Walk, task: ApprovalTask, heir: ApprovalTask) -> None:
    """Signatures that were added to a task, asked or not, are added to its heir."""
    for other in walk.tasks_of(task.visit):
        if other.added_to is task:
            other.added_to = heir
            walk.changed(other)
    for entry in task.visit.queue:
        if entry.get("after") == task.assignee.username:
            entry["after"] = heir.assignee.username
            walk.changed(task.visit)


@transaction.atomic
def add_sign(
    *, task_id: int, actor: User, at: datetime, users: Sequence[str], position: str, channel: str, comment: str = ""
) -> Ticket:
    """加签: more signatures, before, after or with one's own. Raises as `transfer` does."""
    walk, task = take_seat(task_id, actor, at)
    require_verb(walk, task, "add_sign")
    people = free_people(walk, task.visit, users, besides=_agent(walk))
    walk.record(
        Kind.TASK_SIGN_ADDED, users=[person.username for person in people], position=position,
        **told(walk, task, channel=channel, comment=comment),
    )  # fmt: skip
    why = _because(both(f"{actor.username} 加签", f"added by {actor.username}"), comment)
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
    *, task_id: int, actor: User, at: datetime, users: Sequence[str], channel: str, comment: str = ""
) -> Ticket:
    """减签: take back signatures one has asked for and that are not given yet. Raises as `transfer` does."""
    walk, task = take_seat(task_id, actor, at)
    require_verb(walk, task, "remove_sign")
    mine = removable(task, walk.tasks_of(task.visit))
    unknown = [index for index, name in enumerate(users) if name not in mine]
    if unknown:
        message = _("You have not asked for this signature, or it is given already.")
        raise Invalid([{"path": f"users[{index}]", "code": "not_added", "message": message} for index in unknown])
    walk.record(
        Kind.TASK_SIGN_REMOVED, users=list(users), **told(walk, task, channel=channel, comment=comment),
    )  # fmt: skip
    for other in walk.pending(task.visit):
        if other.added_to is task and other.assignee.username in users:
            _drop(walk, other)
    task.visit.queue = [
        entry
        for entry in task.visit.queue
        if not (entry.get("after") == task.assignee.username and entry["username"] in users)
    ]
    walk.changed(task.visit)
    settle(walk, task.visit)
    walk.save()
    return walk.ticket


def _drop(walk: Walk, task: ApprovalTask) -> None:
    """A signature that is not wanted any more, with those that were added to it in turn, to given ones as well."""
    for other in walk.seats_of(task.visit):
        if other.added_to is task:
            _drop(walk, other)
    if task.state == TaskState.PENDING:
        walk.cancel(task)
    task.visit.queue = [entry for entry in task.visit.queue if entry.get("after") != task.assignee.username]


@transaction.atomic
def reassign(*, number: str, actor: User, at: datetime, node: str, users: Sequence[str], comment: str) -> Ticket:
    """改派: an administrator puts others in place of those a node waits for, or where it found nobody (I10).

    Never himself: who may hand out seats does not take one; nor about what he asks for or has changed. Raises
    NotFound, NotAllowed, OwnTicket, WrongState where this node waits for nobody, Invalid.
    """
    get_visible(actor, number, at)
    if not actor.is_admin:
        raise NotAllowed
    walk = lock(at, actor, number=number)
    visit = next((v for v in walk.open_visits() if v.node == node and v.type in PEOPLE), None)
    if walk.ticket.state in FINAL or visit is None:
        raise WrongState(_("Nobody is being waited for at this node."))
    if visit.type == "approval" and actor.pk in barred(walk):
        raise OwnTicket
    pending = walk.pending(visit)
    waiting = [task for task in pending if task.added_to is None] or pending
    people = free_people(walk, visit, users, besides={actor.pk}, leaving={task.assignee_id for task in waiting})
    taken: dict[str, Any] = {"from": [task.assignee.username for task in waiting]}
    walk.record(
        Kind.TASK_REASSIGNED, comment=comment, users=[person.username for person in people],
        **taken, **walk.node_facts(visit),
    )  # fmt: skip
    seats = [Seat(person, _because(both("管理员改派", "reassigned by an administrator"), comment)) for person in people]
    made = (
        hand_over(walk, waiting[0], seats, channel="system", comment=comment) if waiting else seat(walk, visit, seats)
    )
    for task in waiting[1:]:
        _leave(walk, task, "system", comment)
        _inherit(walk, task, made[0])
    walk.save()
    return walk.ticket


def free_people(
    walk: Walk,
    visit: NodeVisit,
    users: Sequence[str],
    besides: set[int] | frozenset[int] = frozenset(),
    leaving: set[int] | frozenset[int] = frozenset(),
) -> list[Person]:
    """The people of these names, who may sit at this visit. Raises Invalid with what is wrong with each of them.

    besides: who may not, besides those that never may. leaving: whose seats are being taken away.
    """
    found = {person.username: person for person in walk.organisation.by_usernames(users)}
    never = (barred(walk) if visit.type == "approval" else set()) | besides
    staying = [task for task in walk.tasks_of(visit) if task.assignee_id not in leaving or task.decided_by]
    taken = taking_part(visit, staying)
    errors = []
    for index, name in enumerate(users):
        if users.index(name) != index:
            errors.append(_refused(index, "repeated_item", _("This person is named twice.")))
        elif name not in found:
            errors.append(_refused(index, "unknown_user", _("There is no active user of this name.")))
        elif found[name].id in never:
            errors.append(_refused(index, "not_allowed", _("This person may not decide about this ticket.")))
        elif name in taken:
            errors.append(_refused(index, "second_seat", _("This person sits at this step already.")))
    if errors:
        raise Invalid(errors)
    return [found[name] for name in users]


def _refused(index: int, code: str, message: str) -> dict[str, str]:
    return {"path": f"users[{index}]", "code": code, "message": message}


def _because(reason: Text, comment: str) -> Text:
    """The reason with what was said about it."""
    if not comment or isinstance(reason, str):
        return reason
    said = comment if len(comment) <= 200 else comment[:199] + "…"
    return both(f"{reason['zh']}：{said}", f"{reason['en']}: {said}")
