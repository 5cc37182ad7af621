"""The only function that decides, for all channels: web, card, H5, bulk, API, timer (I02)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from inspect import unwrap
from typing import Any, Literal

from django.db import transaction

from accounts.models import User
from tickets.commands.asking_again import ask_again
from tickets.commands.children import wake_parent
from tickets.commands.closing import close_all, require_no_running_job
from tickets.commands.editing import Edited, edit
from tickets.commands.locked_task import lock_task, require_verb
from tickets.commands.returning import return_to
from tickets.content.signing import FORWARD, require_seen, waiting_plans
from tickets.engine.advance import settle
from tickets.engine.foretold import Foretold
from tickets.engine.walk import OPEN, Walk
from tickets.errors import ForeseenAnew, StaleVersion, WrongState
from tickets.models import ApprovalTask, Ticket
from tickets.queries.visible import held_by, seats_for
from tickets.rules.dry_run_rules import known_of, was_before_a_dry_run
from tickets.rules.rights import Verb
from tickets.states import TaskState
from tickets.trail.events import Kind
from tickets.trail.shapes.tasks import ActOnTask

KINDS = {"approve": Kind.TASK_APPROVED, "confirm": Kind.TASK_CONFIRMED, "veto": Kind.TASK_VETOED}
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
    foretold: Foretold | None = None,
) -> Ticket:
    """Record one decision and let the chain advance, in one transaction under the ticket's lock.

    at: None for now, by the database's clock. ticket_version, digest: what the person saw; if given, they must be
    current (I05). form: with a yes, changes of fields that this node allows. to, resume: where a return goes, and
    whether it comes straight back. among_many: one of a bulk; a yes that lets something run then needs its digest, and
    high risk is refused. foretold: see walk.lock_to_answer.
    Raises NotFound if the actor may not see the ticket; NotYourTask, OwnTicket, SecondSeat if they may not decide;
    TaskAlreadyDecided (with who and when); StaleVersion; DryRunPending, DryRunFailed for a yes to what needs a dry run
    first; WrongState for a verb not possible here; Invalid for form and to; AlreadyRunning if a running job would be
    left; DigestRequired, OneByOne in a bulk.
    """
    walk, task = lock_task(task_id, actor, at, foretold)
    _require_current(walk, ticket_version, digest)
    if verb not in (*KINDS, "return"):
        raise WrongState
    require_verb(walk, task, verb, actor)
    if among_many and verb in FORWARD:
        require_seen(walk.content, walk.visits, digest)
    edited = edit(walk, task, form, actor=actor, comment=comment) if form else Edited()
    if edited.voided:
        walk.save()
        return walk.ticket  # something else will run now: all are asked again, except the editor
    settle_task(walk, task, verb, channel=channel, comment=comment, to=to, resume=resume, fallen=edited.fallen)
    _tell_who_is_left(walk, task)
    walk.save()
    wake_parent(walk.ticket)
    return walk.ticket


decide_within = unwrap(decide)  # the same in the caller's transaction, which must end if this raises


def in_lock_order(task_ids: Iterable[int]) -> list[int]:
    """The ids ordered by ticket, so that two bulk decisions do not deadlock (F12)."""
    ids = set(task_ids)
    tickets = dict(ApprovalTask.objects.filter(pk__in=ids).values_list("pk", "ticket_id"))
    return sorted(ids, key=lambda pk: (tickets.get(pk, 0), pk))


def _require_current(walk: Walk, ticket_version: int | None, digest: str | None) -> None:
    current: dict[str, Any] = {"ticket_version": walk.ticket.version, "digest": walk.content.digest}
    if ticket_version is not None and ticket_version != current["ticket_version"]:
        raise StaleVersion(**current)
    if digest is not None and digest != current["digest"]:
        raise (ForeseenAnew if was_before_a_dry_run(walk.content, digest) else StaleVersion)(**current)


def _tell_who_is_left(walk: Walk, task: ApprovalTask) -> None:
    """Tell principals whose seats here the proxy can no longer fill, having just signed for somebody else (I04)."""
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
    """Make the decision and apply its consequences; timers call this too, without an actor.

    fallen: nodes to ask again because of an edit made together with it.
    """
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
    said = told(walk, task, channel=channel, comment=comment)
    seen = known_of(walk.ticket, waiting_plans(walk.content, walk.visits)) if verb in FORWARD else {}
    if verb == "return":
        walk.record(Kind.TASK_RETURNED, to=to, resume=resume, **said)
    elif seen:
        walk.record(KINDS[verb], foreseen=seen, **said)
    else:
        walk.record(KINDS[verb], **said)
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


def told(walk: Walk, task: ApprovalTask, *, channel: str, comment: str) -> ActOnTask:
    """The event data about an act on a task."""
    return {
        "task": task.pk,
        "assignee": task.assignee.username,
        "channel": channel,
        "comment": comment,
        "digest": walk.content.digest,
        **walk.node_facts(task.visit),
    }
