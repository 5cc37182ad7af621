"""Table of approval tasks: one person's seat in one node visit."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tickets.states import ApprovalTaskFlow, TaskState


class ApprovalTask(ApprovalTaskFlow):
    """审批子工单. `reason` is a localized text: the rule that chose this person ("why me").

    decided_by: who acted. on_behalf_of: the assignee if a proxy acted, else null.
    added_to, position: for an added signature (加签), the seat it was added to, and before, after or with it. Seats
    made by the template's rules have neither.
    """

    class Position(models.TextChoices):
        BEFORE = "before", _("Before")
        AFTER = "after", _("After")
        WITH = "with", _("With")

    ticket = models.ForeignKey("tickets.Ticket", models.CASCADE, related_name="tasks")
    visit = models.ForeignKey("tickets.NodeVisit", models.CASCADE, related_name="tasks")
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="tasks")
    reason = models.JSONField(default=str)
    added_to = models.ForeignKey("self", models.PROTECT, null=True, related_name="added")
    position = models.CharField(max_length=8, choices=Position.choices, blank=True)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["visit", "assignee"],
                condition=~Q(state__in=["cancelled", "transferred"]),
                name="task_one_seat_a_person",
            ),
            models.CheckConstraint(condition=Q(state__in=TaskState.values), name="task_state_known"),
            models.CheckConstraint(
                condition=Q(state="pending", decided_at__isnull=True)
                | Q(~Q(state="pending"), decided_at__isnull=False),
                name="task_decided_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["assignee", "-ticket"], condition=Q(state="pending"), name="task_todo"),
            models.Index(fields=["decided_by", "-ticket"], condition=Q(decided_by__isnull=False), name="task_done"),
            models.Index(fields=["decided_at"], name="task_decided_at"),
        ]

    def __str__(self) -> str:
        return f"task {self.pk}"
