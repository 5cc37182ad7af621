"""The table of the reports."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from notify.states import DeliveryFlow, DeliveryState


class Sending(DeliveryFlow):
    """The sending of one month's workbook to one person over one channel; there is one row at most (I19).

    month: like 2026-11. It has the states of a Delivery, but is a table of its own, because it has no ticket event.
    """

    class Channel(models.TextChoices):
        MAIL = "mail"
        WECOM = "wecom"

    month = models.CharField(max_length=7)
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["month", "recipient", "channel"], name="sending_once"),
            models.CheckConstraint(condition=Q(state__in=DeliveryState.values), name="sending_state_known"),
            models.CheckConstraint(condition=~Q(state="sent") | Q(sent_at__isnull=False), name="sending_sent_has_time"),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(state__in=["queued", "failed"]), name="sending_due")]

    def __str__(self) -> str:
        return f"{self.month} to {self.recipient_id} by {self.channel}"
