"""Timers that may change a ticket: what happens when a person's time is up or a wait ends (I21, F34)."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db import OperationalError, transaction

from accounts.organisation.people import person
from common.prepared import prepared
from templates_engine.approvers import found
from templates_engine.parts import Rule
from templates_engine.program.route import wait_until
from templates_engine.store.programs import load
from templates_engine.text import both
from tickets.background.due import Due
from tickets.commands.decide import settle_task
from tickets.engine.advance import go_on
from tickets.engine.escalation import escalate_task, replace
from tickets.engine.loading import Locked, load_free
from tickets.engine.nodes.seating import not_for, stuck
from tickets.engine.promised import Trail, distrust, in_time, opened_at, told_of, trails_of
from tickets.engine.walk import OPEN, Walk
from tickets.errors import AlreadyRunning
from tickets.models import ApprovalTask, NodeVisit, Timer
from tickets.states import TaskState
from tickets.trail.events import Kind

logger = logging.getLogger("baton.timers")
TAKE = "UPDATE tickets_timer SET fired_at = coalesce(%s::timestamptz, clock_timestamp()) WHERE id = ANY(%s)"
UNFIRED = "SELECT id FROM tickets_timer WHERE id = ANY(%s) AND fired_at IS NULL"
TIMED_OUT = both("到期未处理", "not done in time")
BROKEN = both("审计记录与数据不符，等待不会自行结束", "trail and rows disagree, so this wait does not end by itself")


@transaction.atomic
def fire(batch: Sequence[Due], at: datetime | None) -> int:
    """Fire these timers, at most one of each ticket; returns how many. Tickets that somebody else has locked are left.

    Lock, rows and trails are read for all together. Then each ticket is changed within a savepoint of its own: one
    that fails is logged, changes nothing, stays for the next sweep, and stops no other (F37).
    at: None for the database's time after the tickets were locked.
    """
    locked = load_free([timer.ticket for timer in batch])
    unfired = _unfired([timer.id for timer in batch if timer.ticket in locked])
    due = [timer for timer in batch if timer.id in unfired]
    trails = trails_of(timer.ticket for timer in due) if due else {}
    fired = [timer.id for timer in due if _is_done(timer, locked[timer.ticket], trails[timer.ticket], at)]
    if fired:
        with prepared() as cursor:
            cursor.execute(TAKE, [at, fired])
    return len(fired)


def _unfired(timers: list[int]) -> set[int]:
    """Those that have not fired; asked once their tickets are locked."""
    with prepared() as cursor:
        cursor.execute(UNFIRED, [timers])
        return {row[0] for row in cursor.fetchall()}


def _is_done(timer: Due, locked: Locked, trail: Trail, at: datetime | None) -> bool:
    """Do what this timer is for. False if it has to be tried again later."""
    now, ticket, visits, tasks = locked
    try:
        with transaction.atomic():
            walk = Walk(ticket, load(ticket.template_version_id), at or now, visits=visits, tasks=tasks)
            visit = next(visit for visit in visits if visit.pk == timer.visit)
            if visit.state == OPEN:
                ACTS[timer.kind](walk, visit, trail)
                walk.save()
    except OperationalError:
        raise  # a deadlock: the whole batch is done again
    except AlreadyRunning:
        return False  # a job runs in another branch: the sweep after its end fires this timer
    except Exception:
        logger.exception("timer.failed", extra={"timer": timer.id})
        return False
    return True


def _end_wait(walk: Walk, visit: NodeVisit, trail: Trail) -> None:
    """End the wait, unless an edit has moved its end: the edit has then set another timer."""
    told = told_of(walk, visit, trail)
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


def _remind(walk: Walk, visit: NodeVisit, _trail: Trail) -> None:
    waiting = [task.assignee.username for task in walk.pending(visit)]
    if waiting:
        walk.record_by_system(Kind.TICKET_REMINDED, assignees=waiting, **walk.node_facts(visit))


def _time_out(walk: Walk, visit: NodeVisit, trail: Trail) -> None:
    """Apply the node's `on_timeout` to late tasks. Tasks with time left (the next of a sequence) stay.

    Decisions and handovers check the deadline in the trail first. If trail and rows disagree, people are only reminded.
    """
    late = [task for task in walk.pending(visit) if task.due_at is not None and task.due_at <= walk.at]
    if not late:
        return
    action: Any = walk.program.node(visit.node).get("on_timeout", "remind")
    told = None if action == "remind" else told_of(walk, visit, trail)
    if told is None:
        _remind(walk, visit, trail)
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
        if not _escalate(walk, late):
            _remind(walk, visit, trail)  # nobody is above: they are reminded and keep the task
    else:
        _decide(walk, late, action)


def _decide(walk: Walk, late: list[ApprovalTask], action: str) -> None:
    """The system decides; templates allow this only where no job follows (I21)."""
    for task in late:
        if task.state == TaskState.PENDING and task.visit.state == OPEN:
            confirms = action == "approve" and task.visit.type == "confirm"
            verb: Any = "confirm" if confirms else action
            settle_task(walk, task, verb, channel="system", comment="")


def _escalate(walk: Walk, late: list[ApprovalTask]) -> bool:
    """Give each of these seats to somebody above. Returns whether there was anybody for one of them."""
    walk.organisation.know(managers_of=(person(task.assignee) for task in late))
    moved = [escalate_task(walk, task, TIMED_OUT) for task in late]
    return any(moved)


def _transfer(walk: Walk, late: list[ApprovalTask], rule: Rule) -> None:
    """Transfer to the people of the rule; if none of them may have the seat, escalate."""
    for task in late:
        never = not_for(walk, task.visit)
        seats = [seat for seat in found([rule], walk.circumstances()) if seat.person.id not in never]
        if not replace(walk, task, seats):
            escalate_task(walk, task, TIMED_OUT)


ACTS: dict[str, Callable[[Walk, NodeVisit, Trail], None]] = {
    Timer.Kind.WAIT: _end_wait,
    Timer.Kind.REMIND: _remind,
    Timer.Kind.DUE: _time_out,
}
