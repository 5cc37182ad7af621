"""到期: fire every timer once, late rather than never, also after crashes and double runs (I21, F08, F09, F34)."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.organisation.people import person
from common.retrying import retried
from templates_engine.approvers import found
from templates_engine.parts import Rule
from templates_engine.program.route import wait_until
from templates_engine.text import both
from tickets.commands.decide import settle_task
from tickets.engine.advance import go_on
from tickets.engine.escalation import escalate_task, replace
from tickets.engine.nodes.seating import not_for, stuck
from tickets.engine.promised import distrust, in_time, opened_at, trail_of
from tickets.engine.walk import OPEN, Walk, lock
from tickets.errors import AlreadyRunning
from tickets.models import ApprovalTask, NodeVisit, Timer
from tickets.states import TaskState
from tickets.trail.events import Kind

logger = logging.getLogger("baton.timers")
BATCH = 500
TAKE = "UPDATE tickets_timer SET fired_at = %s WHERE id = %s AND fired_at IS NULL RETURNING kind"
TIMED_OUT = both("到期未处理", "not done in time")
BROKEN = both("审计记录与数据不符，等待不会自行结束", "trail and rows disagree, so this wait does not end by itself")


def fire_due(at: datetime | None = None) -> int:
    """Fire everything that is due; returns how many timers. Any number of callers may run at once.

    The oldest first. Each timer has its own transaction under its ticket's lock; one that fails stays for the next
    sweep and blocks no other (F37, F38).
    """
    now = at or timezone.now()
    fired = 0
    for timer_id, visit_id in _due(now):
        try:
            fired += retried(partial(fire, timer_id, visit_id, now))
        except AlreadyRunning:
            continue  # a job runs in another branch: the sweep after its end fires this timer
        except Exception:
            logger.exception("timer.failed", extra={"timer": timer_id})
    return fired


def _due(now: datetime) -> Iterator[tuple[int, int]]:
    """(timer, visit) of everything due, each once, read in pages."""
    waiting = Timer.objects.filter(fired_at__isnull=True, due_at__lte=now).order_by("due_at", "id")
    page = waiting
    while rows := list(page.values_list("due_at", "pk", "visit_id")[:BATCH]):
        yield from (row[1:] for row in rows)
        moment, last, _visit = rows[-1]
        page = waiting.filter(Q(due_at__gt=moment) | Q(due_at=moment, pk__gt=last))


@transaction.atomic
def fire(timer_id: int, visit_id: int, at: datetime) -> int:
    """Fire one timer. Returns 1, or 0 if another caller has fired it."""
    walk = lock(at, visit=visit_id)
    kind = _take(timer_id, at)
    if kind is None:
        return 0
    visit = next(visit for visit in walk.visits if visit.pk == visit_id)
    if visit.state == OPEN:
        ACTS[kind](walk, visit)
        walk.save()
    return 1


def _take(timer_id: int, at: datetime) -> str | None:
    """Mark a timer as fired and return its kind; None if it has fired before."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [at, timer_id])
        row = cursor.fetchone()
    return row[0] if row else None


def _end_wait(walk: Walk, visit: NodeVisit) -> None:
    """End the wait, unless an edit has moved its end: the edit has then set another timer."""
    told = trail_of(walk, visit)
    if told is None:
        stuck(walk, visit, BROKEN)
        return
    opened = opened_at(told)
    until = wait_until(walk.program, visit.node, walk.facts(), opened)
    if until is None or until <= walk.at:
        go_on(walk, visit, "waited")
    elif visit.opened_at != opened:
        distrust(walk, visit, f"opened at {opened}")
        walk.alarm(visit, Timer.Kind.WAIT, until)


def _remind(walk: Walk, visit: NodeVisit) -> None:
    waiting = [task.assignee.username for task in walk.pending(visit)]
    if waiting:
        walk.record_by_system(Kind.TICKET_REMINDED, assignees=waiting, **walk.node_facts(visit))


def _time_out(walk: Walk, visit: NodeVisit) -> None:
    """Apply the node's `on_timeout` to late tasks. Tasks with time left (the next of a sequence) stay.

    Decisions and handovers check the deadline in the trail first. If trail and rows disagree, people are only reminded.
    """
    late = [task for task in walk.pending(visit) if task.due_at is not None and task.due_at <= walk.at]
    if not late:
        return
    action: Any = walk.program.node(visit.node).get("on_timeout", "remind")
    told = None if action == "remind" else trail_of(walk, visit)
    if told is None:
        _remind(walk, visit)
        return
    late = in_time(walk, visit, told, late)
    if not late:
        return
    walk.record_by_system(
        Kind.TASK_TIMED_OUT, action=action, assignees=[task.assignee.username for task in late],
        **walk.node_facts(visit),
    )  # fmt: skip
    if isinstance(action, dict):
        _transfer(walk, late, action["transfer"])
    elif action == "escalate":
        _escalate(walk, visit, late)
    else:
        _decide(walk, late, action)


def _decide(walk: Walk, late: list[ApprovalTask], action: str) -> None:
    """The system decides; templates allow this only where no job follows (I21)."""
    for task in late:
        if task.state == TaskState.PENDING and task.visit.state == OPEN:
            confirms = action == "approve" and task.visit.type == "confirm"
            verb: Any = "confirm" if confirms else action
            settle_task(walk, task, verb, channel="system", comment="")


def _escalate(walk: Walk, visit: NodeVisit, late: list[ApprovalTask]) -> None:
    walk.organisation.know_managers(person(task.assignee) for task in late)
    moved = [escalate_task(walk, task, TIMED_OUT) for task in late]
    if not any(moved):
        _remind(walk, visit)  # nobody is above: they are reminded and keep the task


def _transfer(walk: Walk, late: list[ApprovalTask], rule: Rule) -> None:
    """Transfer to the people of the rule; if none of them may have the seat, escalate."""
    for task in late:
        never = not_for(walk, task.visit)
        seats = [seat for seat in found([rule], walk.circumstances()) if seat.person.id not in never]
        if not replace(walk, task, seats):
            escalate_task(walk, task, TIMED_OUT)


ACTS: dict[str, Callable[[Walk, NodeVisit], None]] = {
    Timer.Kind.WAIT: _end_wait,
    Timer.Kind.REMIND: _remind,
    Timer.Kind.DUE: _time_out,
}
