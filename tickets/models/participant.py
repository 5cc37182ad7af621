"""Who has to do with a ticket, and therefore may see it."""

from django.conf import settings
from django.db import models


class Participant(models.Model):
    """One person's part in one ticket. Every read path asks this table (I23)."""

    class Kind(models.TextChoices):
        APPLICANT = "applicant"
        APPROVER = "approver"
        CC = "cc"

    ticket = models.ForeignKey("tickets.Ticket", models.CASCADE, related_name="participants")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "user", "kind"], name="participant_once")]
        indexes = [models.Index(fields=["user", "kind", "-ticket"], name="participant_box")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind} of {self.ticket_id}"
