"""The one function that decides, whatever the channel: web, card, H5, bulk, API (I2)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from django.db import transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from accounts.models import Proxy, User
from tickets.advance import settle
from tickets.errors import (
    NotFound,
    NotYourTask,
    OwnTicket,
    SecondSeat,
    StaleVersion,
    TaskAlreadyDecided,
    WrongState,
)
from tickets.events import Kind
from tickets.models import ApprovalTask, NodeVisit, Participant, Ticket
from tickets.queries.visible import may_see
from tickets.rights import Verb, decides_about_himself, verbs_of
from tickets.states import TaskState
from tickets.walk import Walk, lock

KINDS = {
    "approve": Kind.TASK_APPROVED,
    "confirm": Kind.TASK_CONFIRMED,
    "return": Kind.TASK_RETURNED,
    "veto": Kind.TASK_VETOED,
}


@transaction.atomic
def decide(
    *,
    task_id: int,
    verb: Verb,
    actor: User,
    at: datetime,
    channel: str,
    comment: str = "",
    ticket_version: int | None = None,
    digest: str | None = None,
    resume: Literal["restart", "here"] = "restart",
) -> Ticket:
    """Record one decision and let the chain advance, in one transaction under the ticket's lock.

    ticket_version, digest: what the person saw; what is given must be current (I5).
    Raises NotFound where the actor may not see the ticket, NotYourTask, OwnTicket and SecondSeat where they may not
    decide, TaskAlreadyDecided (with who and when), StaleVersion, WrongState for a verb this node does not know.
    """
    walk = lock(at, actor, tasks=task_id)
    task = next(task for task in walk.tasks if task.pk == task_id)
    _require_seat(walk, task, actor)
    _require_pending(walk, task)
    _require_current(walk, ticket_version, digest)
    if verb not in verbs_of(task, walk.ticket):
        raise WrongState
    if verb == "approve" and any(t.decided_by_id == actor.pk for t in walk.tasks_of(task.visit)):
        raise SecondSeat
    if walk.on_behalf_of:
        walk.participate(actor.pk, Participant.Kind.APPROVER)  # sees what they decided when the window is over too
    _transition(walk, task, verb, channel, comment)
    _continue(walk, task, verb, comment, resume)
    walk.save()
    return walk.ticket


def in_lock_order(task_ids: Iterable[int]) -> list[int]:
    """The ids by their tickets: two bulk decisions in one transaction each never wait for one another (F12)."""
    ids = set(task_ids)
    tickets = dict(ApprovalTask.objects.filter(pk__in=ids).values_list("pk", "ticket_id"))
    return sorted(ids, key=lambda pk: (tickets.get(pk, 0), pk))


def _require_seat(walk: Walk, task: ApprovalTask, actor: User) -> None:
    """The actor is the assignee, or a proxy whose window covers this moment and this template (I2, I11)."""
    if task.assignee_id != actor.pk:
        held = Proxy.objects.active(walk.at).covering(walk.program.key)
        if not held.filter(agent=actor, principal_id=task.assignee_id).exists():
            if not may_see(actor, walk.ticket, walk.at):
                raise NotFound
            raise NotYourTask
        walk.on_behalf_of = task.assignee
    if decides_about_himself(task, walk.ticket, walk.program.node(task.visit.node), actor.pk):
        raise OwnTicket


def _require_pending(walk: Walk, task: ApprovalTask) -> None:
    if task.state == TaskState.PENDING:
        return
    decided = task if task.decided_by else _decider(walk, task.visit)
    if decided is None or decided.decided_by is None or decided.decided_at is None:
        raise TaskAlreadyDecided
    who = decided.decided_by.username
    when = formats.date_format(timezone.localtime(decided.decided_at), "H:i")
    text = _("%(who)s decided this task at %(when)s (%(state)s). Nothing left to do.")
    raise TaskAlreadyDecided(
        text % {"who": who, "when": when, "state": TaskState(decided.state).label},
        decided_by=who,
        decided_at=decided.decided_at,
        state=decided.state,
    )


def _decider(walk: Walk, visit: NodeVisit) -> ApprovalTask | None:
    """Whose decision closed this visit."""
    decided = [task for task in walk.tasks_of(visit) if task.decided_by]
    return max(decided, key=lambda task: task.decided_at or walk.at) if decided else None


def _require_current(walk: Walk, ticket_version: int | None, digest: str | None) -> None:
    current: dict[str, Any] = {"ticket_version": walk.ticket.version, "digest": walk.content.digest}
    if ticket_version is not None and ticket_version != current["ticket_version"]:
        raise StaleVersion(**current)
    if digest is not None and digest != current["digest"]:
        raise StaleVersion(**current)


def _transition(walk: Walk, task: ApprovalTask, verb: Verb, channel: str, comment: str) -> None:
    move = {"approve": task.approve, "confirm": task.confirm, "return": task.return_, "veto": task.veto}[verb]
    move(
        by=walk.actor,
        on_behalf_of=walk.on_behalf_of,
        channel=channel,
        at=walk.at,
        comment=comment,
        digest=walk.content.digest,
    )
    walk.changed(task)
    walk.record(
        KINDS[verb],
        task=task.pk,
        assignee=task.assignee.username,
        channel=channel,
        comment=comment,
        digest=walk.content.digest,
        **walk.node_facts(task.visit),
    )


def _continue(walk: Walk, task: ApprovalTask, verb: Verb, comment: str, resume: str) -> None:
    visit = task.visit
    if verb in ("approve", "confirm"):
        settle(walk, visit)
        return
    node = {"node": visit.node, "name": walk.program.node(visit.node)["name"], "comment": comment}
    outcome = "returned" if verb == "return" else "vetoed"
    for open_visit in walk.open_visits():
        walk.close_visit(open_visit, outcome, state=NodeVisit.State.CLOSED)
    if verb == "return":
        walk.ticket.resume_node = visit.node if resume == "here" else ""
        walk.ticket.return_()
        walk.record(Kind.TICKET_RETURNED, to="applicant", **node)
    else:
        walk.ticket.veto(at=walk.at)
        walk.record(Kind.TICKET_VETOED, **node)
