"""Check who acts on a task; used by every command on a task (I02, I03, I11)."""

from datetime import datetime

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.trail.proxies import standing
from tickets.engine.foretold import Foretold
from tickets.engine.walk import Walk, lock_to_answer
from tickets.errors import NotFound, NotYourTask, TaskAlreadyDecided
from tickets.models import ApprovalTask, Event, NodeVisit, Participant
from tickets.queries.standing_in import moved_by
from tickets.queries.visible import may_see
from tickets.rules.rights import Reader, bar, refusal
from tickets.states import TaskState


def lock_task(
    task_id: int, actor: User, at: datetime | None, foretold: Foretold | None = None
) -> tuple[Walk, ApprovalTask]:
    """Lock the task's ticket and check the actor's right to the seat: as assignee or as a proxy.

    at: None for now, by the database's clock, which also decides whether a proxy's window is open (I11). foretold: see
    walk.lock_to_answer.
    Raises NotFound, NotYourTask, OwnTicket, and TaskAlreadyDecided with who decided and when.
    """
    walk = lock_to_answer(at, actor, task_id, foretold)
    task = next(task for task in walk.tasks if task.pk == task_id)
    _require_assignee(walk, task, actor)
    _require_pending(walk, task)
    if walk.on_behalf_of:
        walk.participate(actor.pk, Participant.Kind.AGENT)  # agents see later what they decided, too
    return walk, task


def require_verb(walk: Walk, task: ApprovalTask, verb: str, actor: User) -> None:
    """Raises what rights.refusal returns, if the verb is not possible on this task now."""
    refused = refusal(verb, task, walk.ticket, (walk.visits, walk.tasks), actor)
    if refused:
        raise refused


def _require_assignee(walk: Walk, task: ApprovalTask, actor: User) -> None:
    """Check that the actor is the assignee, or a proxy whose window covers this moment and template (I02, I11).

    Proxies are checked against the administration trail, see accounts.trail.proxies.
    """
    moved: set[tuple[int, str, int]] = set()
    if task.assignee_id != actor.pk:
        walk.proxy = standing(actor, task.assignee, walk.program.key, walk.at)
        if walk.proxy is None:
            if not may_see(actor, walk.ticket, walk.at):
                raise NotFound
            raise NotYourTask
        moved = moved_by(actor, [task])
        walk.on_behalf_of = task.assignee
    barred = bar(task, walk.ticket, Reader(actor, {actor.pk, task.assignee_id}, moved))
    if barred:
        raise barred


def _require_pending(walk: Walk, task: ApprovalTask) -> None:
    if task.state == TaskState.PENDING:
        return
    decided = task if task.decided_by else _decider(walk, task.visit)
    if decided is None or decided.decided_by is None or decided.decided_at is None:
        raise _ended_elsewhere(walk, task)
    who = decided.decided_by.username
    text = _("%(who)s decided this task at %(when)s (%(state)s). Nothing left to do.")
    raise TaskAlreadyDecided(
        text % {"who": who, "when": _clock(decided.decided_at), "state": TaskState(decided.state).label},
        decided_by=who,
        decided_at=decided.decided_at,
        state=decided.state,
    )


def _ended_elsewhere(walk: Walk, task: ApprovalTask) -> TaskAlreadyDecided:
    """The visit ended without a decision: by another act, for example a withdrawal."""
    ended = task.decided_at or task.visit.closed_at or walk.at
    acts = Event.objects.filter(ticket=walk.ticket, at=ended, actor__isnull=False).select_related("actor")
    act = acts.order_by("seq").first()
    if act is None or act.actor is None:
        return TaskAlreadyDecided(decided_by=None, decided_at=ended, state=task.state)
    text = _("%(who)s ended this step at %(when)s. Nothing left to do.")
    who = act.actor.username
    return TaskAlreadyDecided(
        text % {"who": who, "when": _clock(act.at)}, decided_by=who, decided_at=act.at, state=task.state
    )


def _clock(at: datetime) -> str:
    return formats.date_format(timezone.localtime(at), "H:i")


def _decider(walk: Walk, visit: NodeVisit) -> ApprovalTask | None:
    """The task whose decision closed this visit."""
    decided = [task for task in walk.tasks_of(visit) if task.decided_by]
    return max(decided, key=lambda task: task.decided_at or walk.at) if decided else None
