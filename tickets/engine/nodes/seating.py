"""Assign people: what approval and confirm have in common."""

from collections.abc import Sequence
from datetime import datetime
from typing import Unpack

from templates_engine.approvers import Seat, escalate, seat_people
from templates_engine.language.durations import duration
from templates_engine.parts import Node
from templates_engine.text import Text, both
from tickets.engine.nodes.base import WAIT, behind
from tickets.engine.nodes.dedup import asked_anew
from tickets.engine.walk import Walk
from tickets.models import ApprovalTask, NodeVisit, Timer
from tickets.models.node_visit import Waiting
from tickets.rules.rights import barred, taking_part
from tickets.trail.events import Kind
from tickets.trail.shapes.tasks import InTurn

NOBODY_LEFT = both("依次审批的后续人员都已离开", "the people who were to sign next are gone")
NOBODY = both("没有人可以处理这一步", "nobody can act at this step")


def due_at(node: Node, at: datetime) -> datetime | None:
    """When a node's tasks are due: `due` counted from `at`."""
    return at + duration(node["due"]) if node.get("due") else None


def ask_people(walk: Walk, key: str) -> Sequence[str | None]:
    """Open a visit and ask its people; go on if the system passes the node, with a recorded reason.

    If nobody can be found, the node stays open without a seat and is never passed (I03, I10). Administrators are told,
    the ticket is listed as stuck, and a person must correct the organisation or reassign.
    """
    node = walk.program.node(key)
    seating = seat_people(node, walk.circumstances())
    visit = walk.open_visit(key)
    if seating.passed:
        return passed(walk, visit, seating.passed)
    if seating.blocked:
        stuck(walk, visit, seating.problem)
        return WAIT
    seats, why = asked_anew(walk, visit, seating.seats)
    if why and not seats:
        return passed(walk, visit, why)
    ask(walk, visit, seats)
    return WAIT


class Place(InTurn, total=False):
    """Where a seat is: added to which task, and at which position."""

    added_to: ApprovalTask | None
    position: str


def passed(walk: Walk, visit: NodeVisit, why: Text) -> Sequence[str | None]:
    """Pass this node and record why nobody has to act."""
    walk.record_by_system(Kind.TASK_PASSED, reason=why, **walk.node_facts(visit))
    walk.close_visit(visit, "passed", state=NodeVisit.State.SKIPPED)
    return behind(walk, visit.node)


def stuck(walk: Walk, visit: NodeVisit, problem: Text) -> None:
    """Record once that nobody can move this visit."""
    if visit.outcome != "stuck":
        visit.outcome = "stuck"
        walk.changed(visit)
        walk.record_by_system(Kind.TICKET_STUCK, problem=problem or NOBODY, **walk.node_facts(visit))


def ask(walk: Walk, visit: NodeVisit, seats: Sequence[Seat]) -> None:
    """Assign everybody; in a sequence only the first, the others are queued."""
    node = walk.program.node(visit.node)
    now, later = (seats[:1], seats[1:]) if node.get("mode") == "sequence" else (seats, ())
    visit.queue = [Waiting(username=seat.person.username, reason=seat.reason) for seat in later]
    walk.changed(visit)
    seat(walk, visit, now, **({"later": visit.queue} if later else {}))


def seat(walk: Walk, visit: NodeVisit, seats: Sequence[Seat], **more: Unpack[Place]) -> list[ApprovalTask]:
    """Ask these people now; the node's deadline and reminders count from now."""
    node = walk.program.node(visit.node)
    due = due_at(node, walk.at)
    if due is not None and seats:
        walk.alarm(visit, Timer.Kind.DUE, due)
        for before in node.get("remind", ()):
            walk.alarm(visit, Timer.Kind.REMIND, due - duration(before))
    if seats and visit.outcome == "stuck":
        visit.outcome = ""
        walk.changed(visit)
    return walk.seat(visit, seats, due, **more)


def ask_next(walk: Walk, visit: NodeVisit) -> None:
    """Ask the next active approver of a sequence; if none is left, escalate."""
    waiting = [entry for entry in visit.queue if "after" not in entry]
    present = {person.username: person for person in walk.organisation.by_usernames([e["username"] for e in waiting])}
    gone: list[str] = []
    while waiting:
        entry = waiting.pop(0)
        visit.queue = [other for other in visit.queue if other is not entry]
        walk.changed(visit)
        if entry["username"] in present:
            seat(walk, visit, [Seat(present[entry["username"]], entry["reason"])], **_gone(gone))
            return
        gone.append(entry["username"])
    ask_above(walk, visit, gone=gone)


def _gone(names: list[str]) -> InTurn:
    return {"gone": names} if names else {}


def ask_above(walk: Walk, visit: NodeVisit, **more: Unpack[InTurn]) -> None:
    """Escalate a node none of whose people is left, past those who have already said yes.

    Nobody gets two seats (I04), and a signature that the template requires is never dropped.
    """
    fallback = escalate(walk.applicant, walk.organisation, NOBODY_LEFT, besides=not_for(walk, visit))
    if fallback.seats or more:
        seat(walk, visit, fallback.seats, **more)
    if not fallback.seats:
        stuck(walk, visit, NOBODY_LEFT)


def not_for(walk: Walk, visit: NodeVisit) -> set[int]:
    """Ids of people who get no more seats at this visit: taking part, asked here before, or barred (I03, I04)."""
    tasks = walk.tasks_of(visit)
    names = taking_part(visit, tasks) | {task.assignee.username for task in tasks}
    ids = {person.id for person in walk.organisation.by_usernames(sorted(names))}
    return ids | barred(walk.ticket, walk.content) if visit.type == "approval" else ids
