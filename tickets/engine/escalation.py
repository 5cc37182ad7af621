"""上报: escalate a seat to the assignee's manager, then up the managers, last to the administrators."""

from collections.abc import Sequence
from typing import Any

from accounts.organisation.people import person
from templates_engine.approvers import Seat, escalate
from templates_engine.text import Text
from tickets.engine.handing_over import hand_over
from tickets.engine.nodes.seating import not_for
from tickets.engine.walk import Walk
from tickets.models import ApprovalTask
from tickets.trail.events import Kind


def escalate_task(walk: Walk, task: ApprovalTask, why: Text) -> bool:
    """Escalate a pending task. Returns whether anybody could take it."""
    late = person(task.assignee)
    above = escalate(late, walk.organisation, why, besides=not_for(walk, task.visit), applicant=walk.applicant)
    return replace(walk, task, above.seats)


def replace(walk: Walk, task: ApprovalTask, seats: Sequence[Seat]) -> bool:
    """Assign these people instead of the task's assignee. Returns False if there are none."""
    if not seats:
        return False
    taken: dict[str, Any] = {"from": [task.assignee.username]}
    walk.record_by_system(
        Kind.TASK_ESCALATED, users=[seat.person.username for seat in seats],
        **taken, **walk.node_facts(task.visit),
    )  # fmt: skip
    hand_over(walk, task, seats, channel="system", anew=True)
    return True
