"""Deliveries: one message to one person over one channel, or to one machine."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

from notify.states import DeliveryFlow, DeliveryState

IN_APP = "in_app"  # shown in Baton itself: no channel sends it
WEBHOOK = "webhook"  # goes to a machine

if TYPE_CHECKING:
    from accounts.models import User
    from tickets.models import Event


class Delivery(DeliveryFlow):
    """通知. The text is rendered from the event when it is sent, so the row holds no text that can become out of date.

    It is about an event of a ticket or about an administrative act. Each makes at most one delivery per person and
    kind, even if it is handled several times (I19). An `in_app` row starts as `sent`; read_at says when the person
    read it. A `webhook` goes to the URL in `address` and has no recipient; all other kinds go to a recipient, whose
    address is looked up when it is sent. together: id of the first delivery of a message that holds several.
    """

    event = models.ForeignKey("tickets.Event", models.PROTECT, null=True, related_name="deliveries")
    act = models.ForeignKey("accounts.AdminEvent", models.PROTECT, null=True, related_name="+", db_index=False)
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="deliveries")
    address = models.TextField(blank=True)
    kind = models.CharField(max_length=24)  # `in_app`, or the kind of a channel
    together = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "recipient", "kind"], name="delivery_once"),
            models.UniqueConstraint(
                fields=["act", "recipient", "kind"], condition=Q(act__isnull=False), name="delivery_once_of_act"
            ),
            models.CheckConstraint(condition=Q(event__isnull=True) ^ Q(act__isnull=True), name="delivery_tells_one"),
            models.UniqueConstraint(
                fields=["event", "kind"], condition=Q(recipient__isnull=True), name="delivery_once_to_machines"
            ),
            models.CheckConstraint(
                condition=Q(kind=WEBHOOK, recipient__isnull=True) | (~Q(kind=WEBHOOK) & Q(recipient__isnull=False)),
                name="delivery_has_recipient",
            ),
            models.CheckConstraint(condition=Q(state__in=DeliveryState.values), name="delivery_state_known"),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False), name="delivery_sent_has_time"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state__in=["queued", "failed"]), name="delivery_due"),
            models.Index(fields=["recipient", "-id"], name="delivery_of"),
            models.Index(fields=["recipient", "-id"], condition=Q(kind=IN_APP), name="delivery_news"),
            models.Index(fields=["recipient"], condition=Q(kind=IN_APP, read_at__isnull=True), name="delivery_unread"),
            BrinIndex(fields=["created_at"], name="delivery_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def happened(self) -> "Event":
        """The event of the ticket. Raises ValueError if the delivery is about an administrative act."""
        if self.event is None:
            raise ValueError(f"{self} is about no ticket")
        return self.event

    @property
    def person(self) -> "User":
        """The recipient. Raises ValueError for a webhook."""
        if self.recipient is None:
            raise ValueError(f"{self} has no recipient")
        return self.recipient
