"""Who has to do with a ticket, and therefore may see it."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import Proxy


class ParticipantQuerySet(models.QuerySet["Participant"]):
    """Whose part holds when."""

    def standing(self, at: datetime) -> "ParticipantQuerySet":
        """Those that hold at this moment: for ever, or as long as the proxy they came by."""
        by = Proxy.objects.active(at).filter(pk=OuterRef("proxy"))
        return self.filter(Q(proxy__isnull=True) | Exists(by))


class Participant(models.Model):
    """One person's part in one ticket. Every read path asks this table (I23).

    proxy: whoever let this person see it saw it by this proxy alone, and nobody gives more than he has: the part ends
    with it. An agent has acted for somebody: he sees what he did, and lends his eyes to nobody (one hop, I11).
    """

    class Kind(models.TextChoices):
        APPLICANT = "applicant"
        APPROVER = "approver"
        CC = "cc"
        AGENT = "agent"

    ticket = models.ForeignKey("tickets.Ticket", models.CASCADE, related_name="participants")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    proxy = models.ForeignKey(Proxy, models.PROTECT, null=True, related_name="+", db_index=False)
    seen_at = models.DateTimeField(null=True, blank=True)

    objects = models.Manager.from_queryset(ParticipantQuerySet)()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "user", "kind"], name="participant_once")]
        indexes = [models.Index(fields=["user", "kind", "-ticket"], name="participant_box")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind} of {self.ticket_id}"
