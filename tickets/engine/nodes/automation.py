"""自动化: releases the approved plan to be run as a job."""

from collections.abc import Sequence

from tickets.engine.nodes.base import WAIT, NodeWalker
from tickets.engine.walk import Walk
from tickets.models import NodeVisit
from tickets.rules.dry_run_rules import signed_for
from tickets.states import TaskState
from tickets.trail.events import Kind
from tickets.trail.shapes.runs import SealedDecision


class Automation(NodeWalker):
    """Opens a visit, records what exactly was approved and by whom, and waits for the job's outcome.

    The event `execution.approved` is the seal: its HMAC covers the plan's digest, the content's digest and every
    decision made on it. The key is not in the database (I13).
    """

    def enter(self, walk: Walk, key: str) -> Sequence[str | None]:
        """Approve the execution and wait."""
        approve_execution(walk, walk.open_visit(key))
        return WAIT


def approve_execution(walk: Walk, visit: NodeVisit) -> None:
    """Record the seal of one execution."""
    seen = signed_for(walk.content, walk.content.plans[visit.node])
    walk.record_by_system(
        Kind.EXECUTION_APPROVED,
        plan_digest=walk.content.plans[visit.node]["digest"],
        content_digest=walk.content.digest,
        decisions=decisions_on(walk),
        **({"foreseen": seen["digest"]} if seen else {}),
        **walk.node_facts(visit),
    )


def decisions_on(walk: Walk) -> list[SealedDecision]:
    """Every approval that stands for the current content, in the form used by the seal."""
    return [
        SealedDecision(task=task.pk, by=task.decided_by_id, digest=task.digest)
        for task in sorted(walk.tasks, key=lambda t: t.pk or 0)
        if task.state == TaskState.APPROVED and walk.stands(task)
    ]
