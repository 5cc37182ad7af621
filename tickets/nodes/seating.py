"""Asking people: what approval and confirm have in common."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from templates_engine.approvers import Seat, escalate, seat_people
from templates_engine.durations import duration
from templates_engine.text import Text, both
from tickets.events import Kind
from tickets.models import ApprovalTask, NodeVisit, Timer
from tickets.models.node_visit import Waiting
from tickets.nodes.base import WAIT, behind
from tickets.nodes.dedup import asked_anew
from tickets.rights import taking_part
from tickets.walk import Walk

NOBODY_LEFT = both("依次审批的后续人员都已离开", "the people who were to sign next are gone")
NOBODY = both("没有人可以处理这一步", "nobody can act at this step")


def due_at(node: dict[str, Any], at: datetime) -> datetime | None:
    """When a node's tasks are due: `due` counted from now."""
    return at + duration(node["due"]) if node.get("due") else None


def ask_people(walk: Walk, key: str) -> Sequence[str | None]:
    """Open a visit and ask its people; goes on where the system passed the node and said why.

    A node for which nobody can be found stays open without a seat: administrators are told, it is listed, and waits
    for a person to mend the organisation or to reassign; it is never passed (I3, I10).
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


def passed(walk: Walk, visit: NodeVisit, why: Text) -> Sequence[str | None]:
    """Nobody has to act here, and why."""
    walk.record(Kind.TASK_PASSED, system=True, reason=why, **walk.node_facts(visit))
    walk.close_visit(visit, "passed", state=NodeVisit.State.SKIPPED)
    return behind(walk, visit.node)


def stuck(walk: Walk, visit: NodeVisit, problem: Text) -> None:
    """Say once that nobody can move this visit."""
    if visit.outcome != "stuck":
        visit.outcome = "stuck"
        walk.changed(visit)
        walk.record(Kind.TICKET_STUCK, system=True, problem=problem or NOBODY, **walk.node_facts(visit))


def ask(walk: Walk, visit: NodeVisit, seats: Sequence[Seat]) -> None:
    """Seat everybody; in a sequence the first only, the rest queue."""
    node = walk.program.node(visit.node)
    now, later = (seats[:1], seats[1:]) if node.get("mode") == "sequence" else (seats, ())
    visit.queue = [Waiting(username=seat.person.username, reason=seat.reason) for seat in later]
    walk.changed(visit)
    seat(walk, visit, now, **({"later": visit.queue} if later else {}))


def seat(walk: Walk, visit: NodeVisit, seats: Sequence[Seat], **more: Any) -> list[ApprovalTask]:
    """Ask these people now, with the node's time limits counted from now."""
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
    """The next of a sequence who is still here; where everybody who was left has gone, somebody above."""
    waiting = [entry for entry in visit.queue if "after" not in entry]
    present = {person.username: person for person in walk.organisation.by_usernames([e["username"] for e in waiting])}
    gone: list[str] = []
    while waiting:
        entry = waiting.pop(0)
        visit.queue = [other for other in visit.queue if other is not entry]
        walk.changed(visit)
        if entry["username"] in present:
            more = {"gone": gone} if gone else {}
            seat(walk, visit, [Seat(present[entry["username"]], entry["reason"])], **more)
            return
        gone.append(entry["username"])
    ask_above(walk, visit, gone=gone)


def ask_above(walk: Walk, visit: NodeVisit, **more: Any) -> None:
    """Nobody of those whom the node asked is left: it is escalated past those who have said yes already.

    Nobody sits twice (I4), and a signature that the template asked for is never dropped.
    """
    fallback = escalate(walk.applicant, walk.organisation, NOBODY_LEFT, besides=not_for(walk, visit))
    if fallback.seats or more:
        seat(walk, visit, fallback.seats, **more)
    if not fallback.seats:
        stuck(walk, visit, NOBODY_LEFT)


def not_for(walk: Walk, visit: NodeVisit) -> set[int]:
    """Who takes over no seat of this visit: who takes part, or was asked here already, or may not sign (I3, I4)."""
    tasks = walk.tasks_of(visit)
    names = taking_part(visit, tasks) | {task.assignee.username for task in tasks}
    ids = {person.id for person in walk.organisation.by_usernames(sorted(names))}
    return ids | barred(walk) if visit.type == "approval" else ids


def barred(walk: Walk) -> set[int]:
    """Who may never approve this ticket: the applicant, and whoever changed what will run (I3)."""
    return {walk.applicant.id, *walk.content.facts.get("editors", ())}
