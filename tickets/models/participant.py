"""Table of participants: who is involved in a ticket and so may see it."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import Proxy
from accounts.models.proxy import ACTIVE

# ParticipantQuerySet.standing as SQL, over `part`; %(at)s: the moment.
STANDING = f"""(part.proxy_id IS NULL OR EXISTS (
    SELECT 1 FROM accounts_proxy proxy WHERE proxy.id = part.proxy_id AND {ACTIVE}
))"""  # noqa: S608 (a constant is put in)


class ParticipantQuerySet(models.QuerySet["Participant"]):
    """Queries over participants."""

    def standing(self, at: datetime) -> "ParticipantQuerySet":
        """Those valid at this moment: without a proxy, or while their proxy is active."""
        by = Proxy.objects.active(at).filter(pk=OuterRef("proxy"))
        return self.filter(Q(proxy__isnull=True) | Exists(by))


class Participant(models.Model):
    """One person's part in one ticket. Every read path checks this table (I23).

    proxy: set if the right to see came from a person who saw the ticket only by this proxy; the part ends with it.
    Kind agent: has acted for somebody. Agents see what they did, but their own proxies do not (one hop, I11).
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
        indexes = [
            models.Index(fields=["user", "kind", "-ticket"], name="participant_box"),
            models.Index(
                fields=["user"], name="participant_unseen", condition=models.Q(kind="cc", seen_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind} of {self.ticket_id}"
