"""上报: a seat goes to the manager of whoever should have acted, then up, last to the administrators."""

from collections.abc import Sequence
from typing import Any

from accounts.people import person
from templates_engine.approvers import Seat, escalate
from templates_engine.text import Text
from tickets.commands.handing_over import hand_over
from tickets.events import Kind
from tickets.models import ApprovalTask
from tickets.nodes.seating import not_for
from tickets.walk import Walk


def escalate_task(walk: Walk, task: ApprovalTask, why: Text) -> bool:
    """Hand a pending task up; whether there was anybody who could take it."""
    late = person(task.assignee)
    above = escalate(late, walk.organisation, why, besides=not_for(walk, task.visit), applicant=walk.applicant)
    return replace(walk, task, above.seats)


def replace(walk: Walk, task: ApprovalTask, seats: Sequence[Seat]) -> bool:
    """Put these people in a task's place; whether there are any."""
    if not seats:
        return False
    taken: dict[str, Any] = {"from": [task.assignee.username]}
    walk.record(
        Kind.TASK_ESCALATED, system=True, users=[seat.person.username for seat in seats],
        **taken, **walk.node_facts(task.visit),
    )  # fmt: skip
    hand_over(walk, task, seats, channel="system", anew=True)
    return True
