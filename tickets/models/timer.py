"""Table of timers."""

from django.db import models
from django.db.models import Q


class Timer(models.Model):
    """One alarm of one visit, at a UTC instant; fires at most once, late rather than never (I21).

    kind: what to do then. fired_at: when it fired. Timers of a closed visit stay unfired until the sweep settles them
    without effect.
    """

    class Kind(models.TextChoices):
        WAIT = "wait"
        REMIND = "remind"
        DUE = "due"

    visit = models.ForeignKey("tickets.NodeVisit", models.CASCADE, related_name="timers")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    due_at = models.DateTimeField()
    fired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["visit", "kind", "due_at"], name="timer_once")]
        indexes = [models.Index(fields=["due_at"], condition=Q(fired_at__isnull=True), name="timer_due")]

    def __str__(self) -> str:
        return f"{self.kind} of visit {self.visit_id}"
