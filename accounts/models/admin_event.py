"""What was done to the rules by which people act, for ever."""

from django.conf import settings
from django.db import models

from config.keys import SIGNATURE_MAX


class AdminEvent(models.Model):
    """One act of administration, in the past tense; append-only (a trigger refuses the rest, I7, I25).

    seq numbers all of them from 1 without a gap; hash links each to the one before (see accounts.trail).
    channel: web, api, or system for commands of this machine; address: whence, "" where that is unknown. about: what
    was changed, such as `proxy:12`. person: whose affair it is, who is told. data: plain JSON, see accounts.trail.Kind.
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
    """An AdminEvent still to be handed to those who tell people; deleted when done (I18)."""

    event = models.OneToOneField(AdminEvent, models.CASCADE, primary_key=True)

    def __str__(self) -> str:
        return f"outbox {self.event_id}"
