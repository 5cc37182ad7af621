"""The data of events about what runs: sub-tickets, webhooks, dry runs, jobs."""

from typing import Any, NotRequired, TypedDict

from templates_engine.text import Text
from tickets.trail.shapes.base import AtNode, EventData, EventKind


class ChildOpened(TypedDict):
    """title: null for readers who have no part in that ticket."""

    number: str
    template: str
    title: str | None


class SubticketOpened(AtNode):
    children: list[ChildOpened]


class SubticketEnded(AtNode):
    """child: its number."""

    child: str
    state: str


class WebhookRequested(AtNode):
    url: str
    body: dict[str, Any]


class WebhookFailed(AtNode):
    """It was not delivered and is not tried again."""

    url: str
    reason: str


class AboutForeseen(TypedDict):
    """What follows from the result of a dry run. asked_by: who asked for it.

    If it is signed with the plan: content, content_digest, and again: the nodes whose people are asked again. If a dry
    run right before the run finds other changes: job, drift: number of differing changes, and limit: how many are
    allowed.
    """

    asked_by: NotRequired[str]
    content: NotRequired[int]
    content_digest: NotRequired[str]
    again: NotRequired[list[str]]
    job: NotRequired[int]
    drift: NotRequired[int]
    limit: NotRequired[int]


class PlanForeseen(EventData, AboutForeseen):
    """The result of a dry run. words: the same as a sentence."""

    node: str
    name: Text
    plan_digest: str
    state: str
    digest: str
    summary: dict[str, int]
    words: Text


class SealedDecision(TypedDict):
    """by: id of the person who decided; null if the deadline decided."""

    task: int
    by: int | None
    digest: str


class ExecutionApproved(AtNode):
    """foreseen: digest of the dry run that was signed."""

    plan_digest: str
    content_digest: str
    decisions: list[SealedDecision]
    foreseen: NotRequired[str]


class Alarm(TypedDict):
    """Why a job did not match what was approved. entries: the lines of the executor's journal."""

    reason: str
    entries: list[int]


class ExecutionRefused(AtNode, Alarm):
    """The job did not match what was approved."""

    job: int


class Pledged(TypedDict):
    """The line in the executor's journal."""

    journal: NotRequired[str]
    entry: NotRequired[int]


class JobStarted(AtNode, Pledged):
    """A run has begun."""

    job: int


class StageRan(TypedDict):
    """One stage of a plan of several. took: parameter → output of an earlier stage."""

    stage: int
    action: str
    version: str
    took: dict[str, str]


class JobFinished(AtNode):
    """hosts: name → status. stages: those that have begun, of a plan of several."""

    job: int
    state: str
    outcome: str
    hosts: dict[str, str]
    stages: NotRequired[list[StageRan]]


class JobPaused(AtNode):
    """It waits between two batches. hosts: name → status."""

    job: int
    hosts: dict[str, str]


class JobHanded(AtNode):
    """People are to do it. people: those named by the action."""

    job: int
    hosts: list[str]
    people: list[str]


class JobTicked(AtNode):
    """The actor did it by hand. hosts: name → status."""

    job: int
    hosts: dict[str, str]
    comment: str


class JobBegunAgain(AtNode):
    """hosts: those that are left, or on which the rollback runs."""

    job: int
    comment: str
    hosts: list[str]


class JobRerun(AtNode):
    """hosts: null for all."""

    job: int
    comment: str
    hosts: list[str] | None


class JobResolved(AtNode):
    job: int
    comment: str


class RunKinds:
    """Kinds of events about what runs."""

    SUBTICKET_OPENED = EventKind("subticket.opened", SubticketOpened)
    SUBTICKET_ENDED = EventKind("subticket.ended", SubticketEnded)
    WEBHOOK_REQUESTED = EventKind("webhook.requested", WebhookRequested)
    WEBHOOK_FAILED = EventKind("webhook.failed", WebhookFailed)
    PLAN_FORESEEN = EventKind("plan.foreseen", PlanForeseen)
    EXECUTION_APPROVED = EventKind("execution.approved", ExecutionApproved)
    EXECUTION_REFUSED = EventKind("execution.refused", ExecutionRefused)
    JOB_STARTED = EventKind("job.started", JobStarted)
    JOB_FINISHED = EventKind("job.finished", JobFinished)
    JOB_PAUSED = EventKind("job.paused", JobPaused)
    JOB_RESUMED = EventKind("job.resumed", JobBegunAgain)
    JOB_HANDED = EventKind("job.handed", JobHanded)
    JOB_TICKED = EventKind("job.ticked", JobTicked)
    JOB_RERUN = EventKind("job.rerun", JobRerun)
    JOB_ROLLBACK = EventKind("job.rollback", JobBegunAgain)
    JOB_RESOLVED = EventKind("job.resolved", JobResolved)
