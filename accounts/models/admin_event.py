"""Tables of administration events and their outbox."""

from django.conf import settings
from django.db import models

from common.keys import SIGNATURE_MAX


class AdminEvent(models.Model):
    """One act of administration, named in the past tense; append-only, by a trigger (I07, I25).

    seq: from 1 without a gap. hash: links each event to the one before (see accounts.trail.acts).
    channel: web, api, or system for commands on this machine. address: the client's, "" if unknown. about: what was
    changed, such as `proxy:12`. person: who is concerned and notified. data: plain JSON, see accounts.trail.acts.Kind.
    """

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    kind = models.CharField(max_length=32)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    channel = models.CharField(max_length=8)
    address = models.CharField(max_length=45, blank=True)
    about = models.CharField(max_length=80)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    data = models.JSONField(default=dict)
    hash = models.CharField(max_length=SIGNATURE_MAX)

    class Meta:
        indexes = [
            models.Index(fields=["about", "seq"], name="admin_event_about"),
            models.Index(fields=["at"], name="admin_event_at"),
        ]

    def __str__(self) -> str:
        return f"#{self.seq} {self.kind} {self.about}"


class AdminOutbox(models.Model):
    """An AdminEvent not yet handed to its subscribers; deleted when done (I18)."""

    event = models.OneToOneField(AdminEvent, models.CASCADE, primary_key=True)

    def __str__(self) -> str:
        return f"outbox {self.event_id}"
