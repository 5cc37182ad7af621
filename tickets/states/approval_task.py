"""State machine of an ApprovalTask."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, FSMField, transition

from accounts.models import User


class TaskState(models.TextChoices):
    """审批子工单状态."""

    PENDING = "pending", _("Pending")
    APPROVED = "approved", _("Approved")
    RETURNED = "returned", _("Returned")
    VETOED = "vetoed", _("Vetoed")
    CONFIRMED = "confirmed", _("Confirmed")
    TRANSFERRED = "transferred", _("Transferred")
    CANCELLED = "cancelled", _("Cancelled")


class Channel(models.TextChoices):
    """The channel through which a decision came."""

    WEB = "web"
    API = "api"
    CARD = "card"
    H5 = "h5"
    SYSTEM = "system"


S = TaskState


class ApprovalTaskFlow(ConcurrentTransitionMixin, models.Model):
    """Life of one ApprovalTask (审批子工单). A decision is final (I01); tests check this table against the code.

    method   | from    | to          | who
    ---------|---------|-------------|---------------------------------------------------
    approve  | pending | approved    | assignee or active proxy; a timer where no job runs
    confirm  | pending | confirmed   | assignee or active proxy; a timer
    return_  | pending | returned    | assignee or active proxy
    veto     | pending | vetoed      | assignee or active proxy; a timer
    transfer | pending | transferred | assignee or active proxy, an administrator, a timer
    cancel   | pending | cancelled   | the engine, when decided elsewhere
    """

    state = FSMField(choices=TaskState.choices, default=TaskState.PENDING, protected=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    on_behalf_of = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    channel = models.CharField(max_length=8, choices=Channel.choices, blank=True)
    comment = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        abstract = True

    def _decide(
        self,
        *,
        by: User | None,
        on_behalf_of: User | None,
        channel: str,
        at: datetime,
        comment: str,
        digest: str,
    ) -> None:
        self.decided_by, self.on_behalf_of, self.channel = by, on_behalf_of, channel
        self.decided_at, self.comment, self.digest = at, comment, digest

    @transition(state, source=S.PENDING, target=S.APPROVED)
    def approve(self, **decision) -> None:  # type: ignore[no-untyped-def]
        """Approve exactly this digest."""
        self._decide(**decision)

    @transition(state, source=S.PENDING, target=S.CONFIRMED)
    def confirm(self, **decision) -> None:  # type: ignore[no-untyped-def]
        """Confirm that the work is done or the result is right."""
        self._decide(**decision)

    @transition(state, source=S.PENDING, target=S.RETURNED)
    def return_(self, **decision) -> None:  # type: ignore[no-untyped-def]
        """Return the ticket for changes; it must be handed in again."""
        self._decide(**decision)

    @transition(state, source=S.PENDING, target=S.VETOED)
    def veto(self, **decision) -> None:  # type: ignore[no-untyped-def]
        """Refuse the ticket for good."""
        self._decide(**decision)

    @transition(state, source=S.PENDING, target=S.TRANSFERRED)
    def transfer(self, **decision) -> None:  # type: ignore[no-untyped-def]
        """Hand the decision to somebody else; a new task follows."""
        self._decide(**decision)

    @transition(state, source=S.PENDING, target=S.CANCELLED)
    def cancel(self, *, at: datetime, channel: str = Channel.SYSTEM) -> None:
        """End a task that is not needed: decided elsewhere, the ticket moved on, or taken back by a person."""
        self.decided_at = at
        self.channel = channel
