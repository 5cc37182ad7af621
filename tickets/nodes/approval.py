"""审批: seats people and counts their answers by the node's mode."""

import math
from typing import Any

from templates_engine.approvers import Seat, Seating, escalate, seat_people
from templates_engine.text import both
from tickets.events import Kind
from tickets.models import NodeVisit
from tickets.nodes.base import WAIT, NodeWalker, due_at
from tickets.states import TaskState
from tickets.walk import Walk

NOBODY_LEFT = both("依次审批的后续人员都已离开", "the people who were to sign next are gone")


def open_with_people(walk: Walk, key: str) -> NodeVisit | None:
    """Open a visit and ask its people; None where the system passed the node and said why.

    A node for which nobody can be found stays open without a seat: it is shown, listed, and waits for a person
    to mend the organisation, never passed (I3, I10).
    """
    node = walk.program.node(key)
    seating = seat_people(node, walk.applicant, walk.organisation)
    visit = walk.open_visit(key)
    if seating.passed:
        walk.record(Kind.TASK_PASSED, system=True, reason=seating.passed, **walk.node_facts(visit))
        walk.close_visit(visit, "passed", state=NodeVisit.State.SKIPPED)
        return None
    ask(walk, visit, node, seating)
    return visit


def ask(walk: Walk, visit: NodeVisit, node: dict[str, Any], seating: Seating) -> None:
    """Seat everybody; in a sequence the first only, the rest queue."""
    now, later = seating.seats, []
    if node.get("mode") == "sequence":
        now, later = seating.seats[:1], seating.seats[1:]
    visit.queue = [{"username": seat.person.username, "reason": seat.reason} for seat in later]
    walk.seat(visit, now, due_at(node, walk.at))


def needed(mode: Any, seats: int) -> int:
    """How many yeses close a visit of so many seats."""
    if isinstance(mode, dict):
        return max(1, math.ceil(mode["ratio"] * seats - 1e-9))
    return seats if mode == "all" else 1


class Approval(NodeWalker):
    """One or several people approve."""

    def enter(self, walk: Walk, key: str) -> str | None:
        """Ask, and wait."""
        return WAIT if open_with_people(walk, key) else walk.program.node(key)["next"]

    def settle(self, walk: Walk, visit: NodeVisit) -> str | None:
        """`approved` once enough have said yes; in a sequence the next is asked first."""
        node = walk.program.node(visit.node)
        if node.get("mode") == "sequence" and visit.queue:
            self._ask_next(walk, visit, node)
            return None
        tasks = walk.tasks_of(visit)
        yeses = sum(1 for task in tasks if task.state == TaskState.APPROVED)
        return "approved" if yeses >= needed(node.get("mode", "any"), len(tasks)) else None

    @staticmethod
    def _ask_next(walk: Walk, visit: NodeVisit, node: dict[str, Any]) -> None:
        """The next of the queue who is still here.

        Where everybody who was left has gone, it is escalated past those who have said yes already: nobody sits
        twice (I4), and a signature that the template asked for is never dropped.
        """
        while visit.queue:
            waiting, visit.queue = visit.queue[0], visit.queue[1:]
            walk.changed(visit)
            person = walk.organisation.by_username(waiting["username"])
            if person is not None:
                walk.seat(visit, [Seat(person, waiting["reason"])], due_at(node, walk.at))
                return
        seated = {task.assignee_id for task in walk.tasks_of(visit)}
        fallback = escalate(walk.applicant, walk.organisation, NOBODY_LEFT, besides=seated)
        walk.seat(visit, fallback.seats, due_at(node, walk.at))
