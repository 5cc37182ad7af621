"""自动化: hands the approved plan to the machine."""

from collections.abc import Sequence
from typing import Any

from tickets.events import Kind
from tickets.models import NodeVisit
from tickets.nodes.base import WAIT, NodeWalker
from tickets.states import TaskState
from tickets.walk import Walk


class Automation(NodeWalker):
    """Opens a visit, writes down what exactly was approved and by whom, and waits for the job's outcome.

    The event `execution.approved` is the seal: its HMAC covers the plan's digest, the content's digest and every
    decision made on it, with a key that the database does not hold (I13).
    """

    def enter(self, walk: Walk, key: str) -> Sequence[str | None]:
        """Approve the execution, and wait."""
        approve_execution(walk, walk.open_visit(key))
        return WAIT


def approve_execution(walk: Walk, visit: NodeVisit) -> None:
    """Write the seal of one execution."""
    walk.record(
        Kind.EXECUTION_APPROVED,
        system=True,
        plan_digest=walk.content.plans[visit.node]["digest"],
        content_digest=walk.content.digest,
        decisions=decisions_on(walk),
        **walk.node_facts(visit),
    )


def decisions_on(walk: Walk) -> list[dict[str, Any]]:
    """Every approval that stands for the current content, as the seal holds them."""
    return [
        {"task": task.pk, "by": task.decided_by_id, "digest": task.digest}
        for task in sorted(walk.tasks, key=lambda t: t.pk or 0)
        if task.state == TaskState.APPROVED and walk.stands(task)
    ]
