"""Table of node visits: the token of the walk."""

from typing import NotRequired, TypedDict

from django.db import models
from django.db.models import Q

from templates_engine.nodes import NODE_TYPES
from templates_engine.text import Text

PEOPLE = tuple(name for name, kind in NODE_TYPES.items() if kind.verbs)  # node types that wait for people
IDLE = ("failed", "rerun", "resumed")  # outcomes of an open automation without a running job; also in loading.ROWS


class Waiting(TypedDict):
    """A seat not yet assigned. after: username of the seat whose yes it waits for; absent in a sequence."""

    username: str
    reason: Text
    after: NotRequired[str]


class NodeVisit(models.Model):
    """One visit: (ticket, node, round).

    queue: the seats not yet assigned, as Waiting; for a sub-ticket node, the results of its children, as
    {child, state}; for an automation, the current {job} once one has begun.
    outcome: why it closed: approved, confirmed, passed, copied, joined, completed, resolved, returned, vetoed, voided,
    edited (an edit asks an earlier node again), withdrawn. On an open visit: `failed` if its job failed, `rerun` if the
    job may run again, `paused` if it waits between two batches, `resumed` if it may go on, `rollback` if the rollback
    may begin, `stuck` if nobody can move it.
    started_at: for an automation, when its job last began (after that a withdrawal is refused, I17); for a sub-ticket
    node, when the first job of its children began, set once the chain has left the node.
    reopen: the nodes to come back to when this visit is done, after a return with `resume: here` or an edit that asks
    again; all other nodes between here and them stay done.
    kept: ids of tasks of earlier rounds whose decision counts in this one.
    runs_below: not a column; whether a job of its sub-tickets runs, as far as `loading` was asked to find out.
    passed: usernames whose seats the system passed here, because they had signed before.
    """

    class State(models.TextChoices):
        OPEN = "open"
        DONE = "done"
        SKIPPED = "skipped"
        CLOSED = "closed"

    ticket = models.ForeignKey("tickets.Ticket", models.CASCADE, related_name="visits")
    node = models.CharField(max_length=64)
    round = models.PositiveIntegerField()
    type = models.CharField(max_length=16)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    outcome = models.CharField(max_length=16, blank=True)
    queue = models.JSONField(default=list)
    reopen = models.JSONField(default=list, blank=True)
    passed = models.JSONField(default=list, blank=True)
    kept = models.JSONField(default=list, blank=True)
    opened_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    runs_below = False

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "node", "round"], name="visit_unique"),
            models.UniqueConstraint(fields=["ticket", "node"], condition=Q(state="open"), name="visit_open_once"),
        ]
        indexes = [models.Index(fields=["opened_at"], condition=Q(state="open"), name="visit_open")]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.node} round {self.round}"

    @property
    def has_begun(self) -> bool:
        """Whether a job of this automation, or of this node's sub-tickets, has ever begun."""
        return self.started_at is not None

    @property
    def is_running(self) -> bool:
        """Whether its own job has begun and has not ended, as far as known; a paused job is not running."""
        is_open = self.type == "automation" and self.state == self.State.OPEN
        return is_open and self.has_begun and self.outcome not in IDLE
