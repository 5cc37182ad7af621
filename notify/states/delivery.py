"""States of a Delivery."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, FSMField, transition


class DeliveryState(models.TextChoices):
    """通知状态."""

    QUEUED = "queued", _("Queued")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed, will retry")
    DEAD = "dead", _("Given up")


class Hold(models.TextChoices):
    """Why a delivery waits without an error."""

    PACE = "pace", _("Its recipient has had as many messages as WeCom lets through")


S = DeliveryState
WAITING = (S.QUEUED, S.FAILED)


class DeliveryFlow(ConcurrentTransitionMixin, models.Model):
    """State machine of a Delivery (通知). A claim is no state, but a lease that expires. Tests check this table.

    method  | from   | to     | who
    --------|--------|--------|------------------------------------------------
    succeed | queued | sent   | the worker that holds the lease
    succeed | failed | sent   | the worker that holds the lease
    fail    | queued | failed | the worker, when trying again can help
    fail    | failed | failed | the worker, when trying again can help
    give_up | queued | dead   | the worker, when it cannot, or has been tried enough
    give_up | failed | dead   | the worker, when it cannot, or has been tried enough
    renew   | sent   | queued | the system, for a card that was tapped once more
    renew   | failed | queued | an administrator, or the system
    renew   | dead   | queued | an administrator, or the system
    """

    state = FSMField(choices=DeliveryState.choices, default=DeliveryState.QUEUED, protected=True)
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True)
    receipt = models.CharField(max_length=500, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    held_by = models.CharField(max_length=8, choices=Hold.choices, blank=True, db_default="")

    class Meta:
        abstract = True

    @transition(state, source=[S.QUEUED, S.FAILED], target=S.SENT)
    def succeed(self, *, at: datetime, receipt: str) -> None:
        """The other side accepted the message. This does not mean that it was read."""
        self.sent_at, self.receipt, self.last_error = at, receipt[:500], ""
        self.lease_until = None

    @transition(state, source=[S.QUEUED, S.FAILED], target=S.FAILED)
    def fail(self, *, error: str, retry_at: datetime) -> None:
        """The attempt failed; retry later."""
        self.last_error, self.due_at, self.lease_until = error[:500], retry_at, None

    @transition(state, source=[S.QUEUED, S.FAILED], target=S.DEAD)
    def give_up(self, *, error: str) -> None:
        """No more retries, unless the delivery is renewed."""
        self.last_error, self.lease_until = error[:500], None

    @transition(state, source=[S.SENT, S.FAILED, S.DEAD], target=S.QUEUED)
    def renew(self, *, at: datetime) -> None:
        """Start again, with no attempts counted."""
        self.due_at, self.attempts, self.lease_until, self.last_error, self.held_by = at, 0, None, "", ""
