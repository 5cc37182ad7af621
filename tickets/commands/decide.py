"""The one function that decides, whatever the channel: web, card, H5, bulk, API, timer (I2)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal

from django.db import transaction

from accounts.models import User
from tickets.advance import settle
from tickets.commands.asking_again import ask_again
from tickets.commands.children import wake_parent
from tickets.commands.closing import close_all, require_no_running_job
from tickets.commands.editing import Edited, edit
from tickets.commands.returning import return_to
from tickets.commands.seat import require_verb, take_seat
from tickets.errors import SecondSeat, StaleVersion, WrongState
from tickets.events import Kind
from tickets.models import ApprovalTask, Ticket
from tickets.queries.visible import held_by, seats_for
from tickets.rights import Verb, signed_here
from tickets.signing import FORWARD, require_seen
from tickets.states import TaskState
from tickets.walk import OPEN, Walk

KINDS = {
    "approve": Kind.TASK_APPROVED,
    "confirm": Kind.TASK_CONFIRMED,
    "return": Kind.TASK_RETURNED,
    "veto": Kind.TASK_VETOED,
}
APPLICANT = "applicant"


@transaction.atomic
def decide(
    *,
    task_id: int,
    verb: Verb,
    actor: User,
    channel: str,
    at: datetime | None = None,
    comment: str = "",
    ticket_version: int | None = None,
    digest: str | None = None,
    form: dict[str, Any] | None = None,
    to: str = APPLICANT,
    resume: Literal["restart", "here"] = "restart",
    among_many: bool = False,
) -> Ticket:
    """Record one decision and let the chain advance, in one transaction under the ticket's lock.

    at: None for now, by the database's clock. ticket_version, digest: what the person saw; what is given must be
    current (I5). form: fields that this node lets its people change, with a yes. to, resume: where a return goes, and
    whether it comes straight back. among_many: one of a bulk; a yes to what would run then needs its digest, and none
    is given to high risk.
    Raises NotFound where the actor may not see the ticket, NotYourTask, OwnTicket and SecondSeat where they may not
    decide, TaskAlreadyDecided (with who and when), StaleVersion, WrongState for a verb this node does not know,
    Invalid for form and to, AlreadyRunning where a job would be walked away from, DigestRequired and OneByOne of many.
    """
    walk, task = take_seat(task_id, actor, at)
    _require_current(walk, ticket_version, digest)
    if verb not in KINDS:
        raise WrongState
    require_verb(walk, task, verb)
    if verb == "approve" and actor.username in signed_here(task.visit, walk.tasks_of(task.visit)):
        raise SecondSeat
    if among_many and verb in FORWARD:
        require_seen(walk.content, walk.visits, digest)
    edited = edit(walk, task, form, actor=actor, comment=comment) if form else Edited()
    if edited.voided:
        walk.save()
        return walk.ticket  # what will run is another now: everybody is asked again, but not who changed it
    settle_task(walk, task, verb, channel=channel, comment=comment, to=to, resume=resume, fallen=edited.fallen)
    _tell_who_is_left(walk, task)
    walk.save()
    wake_parent(walk.ticket)
    return walk.ticket


def in_lock_order(task_ids: Iterable[int]) -> list[int]:
    """The ids by their tickets: two bulk decisions in one transaction each never wait for one another (F12)."""
    ids = set(task_ids)
    tickets = dict(ApprovalTask.objects.filter(pk__in=ids).values_list("pk", "ticket_id"))
    return sorted(ids, key=lambda pk: (tickets.get(pk, 0), pk))


def _require_current(walk: Walk, ticket_version: int | None, digest: str | None) -> None:
    current: dict[str, Any] = {"ticket_version": walk.ticket.version, "digest": walk.content.digest}
    if ticket_version is not None and ticket_version != current["ticket_version"]:
        raise StaleVersion(**current)
    if digest is not None and digest != current["digest"]:
        raise StaleVersion(**current)


def _tell_who_is_left(walk: Walk, task: ApprovalTask) -> None:
    """Whose seats at this step their proxy cannot fill any more, as he has just signed here for somebody else (I4)."""
    asked, agent = walk.pending(task.visit), walk.actor
    if task.state != TaskState.APPROVED or walk.on_behalf_of is None or agent is None or not asked:
        return
    stands_for = seats_for(agent, held_by(agent, walk.at), walk.program.key) - {agent.pk}
    left = [seat.assignee.username for seat in asked if seat.assignee_id in stands_for]
    if left:
        walk.record(Kind.TASK_LEFT, users=left, **walk.node_facts(task.visit))


def settle_task(
    walk: Walk,
    task: ApprovalTask,
    verb: Verb,
    *,
    channel: str,
    comment: str,
    to: str = APPLICANT,
    resume: str = "",
    fallen: Sequence[str] = (),
) -> None:
    """The decision itself and what follows from it; a timer comes here as well, without an actor.

    fallen: nodes that a change made together with it asks again.
    """
    more: dict[str, Any] = {"to": to, "resume": resume} if verb == "return" else {}
    moved = {"approve": task.approve, "confirm": task.confirm, "return": task.return_, "veto": task.veto}[verb]
    moved(
        by=walk.actor,
        on_behalf_of=walk.on_behalf_of,
        channel=channel,
        at=walk.at,
        comment=comment,
        digest=walk.content.digest,
    )
    walk.changed(task)
    walk.record(KINDS[verb], **told(walk, task, channel=channel, comment=comment), **more)
    if verb in ("approve", "confirm"):
        if fallen:
            ask_again(walk, fallen)
        if task.visit.state == OPEN:
            settle(walk, task.visit)
    elif verb == "return":
        return_to(walk, task, to=to, resume=resume, comment=comment)
    else:
        require_no_running_job(walk.open_visits())
        close_all(walk, "vetoed")
        walk.ticket.veto(at=walk.at)
        name = walk.program.node(task.visit.node)["name"]
        walk.record(Kind.TICKET_VETOED, node=task.visit.node, name=name, comment=comment)


def told(walk: Walk, task: ApprovalTask, *, channel: str, comment: str) -> dict[str, Any]:
    """What an event says of an act on a task."""
    return {
        "task": task.pk,
        "assignee": task.assignee.username,
        "channel": channel,
        "comment": comment,
        "digest": walk.content.digest,
        **walk.node_facts(task.visit),
    }
