"""The token: a node being walked."""

from typing import NotRequired, TypedDict

from django.db import models
from django.db.models import Q

from templates_engine.text import Text

PEOPLE = ("approval", "confirm")  # the types of node that wait for people


class Waiting(TypedDict):
    """A seat that is not asked yet. after: the username of the seat whose yes it waits for; in a sequence none."""

    username: str
    reason: Text
    after: NotRequired[str]


class NodeVisit(models.Model):
    """(ticket, node, round). `queue` holds the seats that are not asked yet, as Waiting; of a sub-ticket
    node, what became of its children, as {child, state}; of an automation, the current {job}, once one has begun.

    outcome: why it closed: approved, confirmed, passed, copied, joined, completed, resolved, returned, vetoed, voided,
    edited (an edit asks somebody before it again), withdrawn; on an open one `failed` where its job failed, `rerun`
    where that may begin once more, `stuck` where nobody can move it.
    started_at: for automation, when its job last began (after that a withdraw is refused, I17); of a sub-ticket node,
    when the first job of its children did, known once the chain has left the node.
    reopen: the nodes to come back to when this one is done, after a return with `resume: here` or an edit that asks
    again; everything else between here and them is done and stays so.
    kept: the ids of tasks of earlier rounds whose decision counts in this one.
    passed: the usernames of those whose seats the system passed here, because they had signed before.
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
        """Whether a job of this automation, or of this node's sub-tickets, has begun, whatever became of it."""
        return self.started_at is not None

    @property
    def is_running(self) -> bool:
        """Whether its job has begun and nobody knows an end of it yet."""
        return self.has_begun and self.state == self.State.OPEN and self.outcome not in ("failed", "rerun")
