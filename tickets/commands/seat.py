"""Who acts on a task: what every command on a task asks first (I2, I3, I11)."""

from datetime import datetime

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.proxies import standing
from tickets.errors import NotFound, NotYourTask, OwnTicket, TaskAlreadyDecided, WrongState
from tickets.models import ApprovalTask, Event, NodeVisit, Participant
from tickets.queries.moved import moved_by
from tickets.queries.visible import may_see
from tickets.rights import decides_about_himself, verbs_of
from tickets.states import TaskState
from tickets.walk import Walk, lock


def take_seat(task_id: int, actor: User, at: datetime | None) -> tuple[Walk, ApprovalTask]:
    """Lock the task's ticket, the actor on this seat, himself or as a proxy of its assignee.

    at: None for now, by the clock that all processes share: that a proxy's window is open is judged by it (I11).
    Raises NotFound, NotYourTask, OwnTicket, and TaskAlreadyDecided with who decided and when.
    """
    walk = lock(at, actor, task=task_id)
    task = next(task for task in walk.tasks if task.pk == task_id)
    _require_seat(walk, task, actor)
    _require_pending(walk, task)
    if walk.on_behalf_of:
        walk.participate(actor.pk, Participant.Kind.AGENT)  # sees what they decided when the window is over too
    return walk, task


def require_verb(walk: Walk, task: ApprovalTask, verb: str) -> None:
    """Raises WrongState where the task's node, or what it waits for, does not allow this now."""
    if verb not in verbs_of(task, walk.ticket, walk.tasks_of(task.visit)):
        if verb == "approve" and task.visit.type == "approval":
            raise WrongState(_("The signatures you asked for before your own are still missing."))
        raise WrongState


def _require_seat(walk: Walk, task: ApprovalTask, actor: User) -> None:
    """The actor is the assignee, or a proxy whose window covers this moment and this template (I2, I11).

    A proxy is judged by the trail of administration: see accounts.proxies.
    """
    if task.assignee_id != actor.pk:
        walk.proxy = standing(actor, task.assignee, walk.program.key, walk.at)
        if walk.proxy is None:
            if not may_see(actor, walk.ticket, walk.at):
                raise NotFound
            raise NotYourTask
        if (walk.ticket.pk, task.visit.node, task.visit.round) in moved_by(actor, [task]):
            raise NotYourTask(_("You have said who sits here, so you decide here for nobody else."))
        walk.on_behalf_of = task.assignee
    if decides_about_himself(task, walk.ticket, walk.program.node(task.visit.node), actor.pk):
        raise OwnTicket


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
    """Nobody has decided at this visit: it ended by what somebody did beside it, a withdrawal for one."""
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
    """Whose decision closed this visit."""
    decided = [task for task in walk.tasks_of(visit) if task.decided_by]
    return max(decided, key=lambda task: task.decided_at or walk.at) if decided else None
