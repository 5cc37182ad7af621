"""Life of one ApprovalTask."""

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
    """Through which door a decision came."""

    WEB = "web"
    API = "api"
    CARD = "card"
    H5 = "h5"
    SYSTEM = "system"


S = TaskState


class ApprovalTaskFlow(ConcurrentTransitionMixin, models.Model):
    """Life of one ApprovalTask (审批子工单). Decided is final (I1); tests hold this table against the code.

    method   | from    | to          | who
    ---------|---------|-------------|---------------------------------------------------
    approve  | pending | approved    | assignee or active proxy; a timer where no job runs
    confirm  | pending | confirmed   | assignee or active proxy; a timer
    return_  | pending | returned    | assignee or active proxy
    veto     | pending | vetoed      | assignee or active proxy; a timer
    transfer | pending | transferred | assignee or active proxy, an administrator, a timer
    cancel   | pending | cancelled   | the chain, decided elsewhere
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
        """Yes, to exactly this digest."""
        self._decide(**decision)

    @transition(state, source=S.PENDING, target=S.CONFIRMED)
    def confirm(self, **decision) -> None:  # type: ignore[no-untyped-def]
        """Done, or seen and right."""
        self._decide(**decision)

    @transition(state, source=S.PENDING, target=S.RETURNED)
    def return_(self, **decision) -> None:  # type: ignore[no-untyped-def]
        """Please mend it and hand it in again."""
        self._decide(**decision)

    @transition(state, source=S.PENDING, target=S.VETOED)
    def veto(self, **decision) -> None:  # type: ignore[no-untyped-def]
        """No, for good."""
        self._decide(**decision)

    @transition(state, source=S.PENDING, target=S.TRANSFERRED)
    def transfer(self, **decision) -> None:  # type: ignore[no-untyped-def]
        """Somebody else's to decide; a new task follows."""
        self._decide(**decision)

    @transition(state, source=S.PENDING, target=S.CANCELLED)
    def cancel(self, *, at: datetime, channel: str = Channel.SYSTEM) -> None:
        """No longer needed: decided elsewhere, the ticket moved on; or taken back, through somebody's channel."""
        self.decided_at = at
        self.channel = channel
