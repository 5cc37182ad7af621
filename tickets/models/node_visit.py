"""The token: a node being walked."""

from django.db import models
from django.db.models import Q


class NodeVisit(models.Model):
    """(ticket, node, round). `queue` holds the seats of a `sequence` that are not asked yet, as
    {username, reason}.

    outcome: why it closed: approved, confirmed, returned, vetoed, withdrawn, completed, resolved, skipped.
    started_at: for automation, when its job began (after that a withdraw is refused, I17).
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
