"""Table of tickets."""

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.keys import SIGNATURE_MAX
from tickets.states import TicketFlow, TicketState


class Priority(models.TextChoices):
    """优先级."""

    LOW = "low", _("Low")
    NORMAL = "normal", _("Normal")
    HIGH = "high", _("High")
    URGENT = "urgent", _("Urgent")


class Ticket(TicketFlow):
    """工单. Everything about a ticket changes under the lock of its row.

    version counts changes of state and content: a decision must be based on the current one. Comments and decisions in
    parallel seats do not count, so that they block nobody. event_seq, event_hash: the end of its event chain.
    returned_from: the node that returned it, else empty. reopen: the nodes to come back to after a return with
    `resume: here`. foreseen: node → the last dry run of its plan, derived from `plan.foreseen` events
    (tickets.rules.dry_run_rules). parent, parent_visit: of a sub-ticket, its parent and the visit that made it.
    saved: not a column; what the command that has just saved this ticket knows of it (engine.walk.Saved).
    has_files: not a column; whether files belong to it. Known of a locked ticket (engine.loading).
    """

    saved: Any = None
    has_files: bool = False

    number = models.CharField(max_length=64, unique=True)
    template_version = models.ForeignKey("templates_engine.TemplateVersion", models.PROTECT, related_name="tickets")
    title = models.CharField(max_length=200)
    applicant = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="tickets")
    department = models.ForeignKey("accounts.Department", models.PROTECT, null=True, related_name="+")
    priority = models.CharField(max_length=8, choices=Priority.choices, default=Priority.NORMAL)
    content = models.OneToOneField("tickets.ContentVersion", models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    returned_from = models.CharField(max_length=64, blank=True)
    reopen = models.JSONField(default=list, blank=True)
    foreseen = models.JSONField(default=dict, blank=True, db_default={})
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    parent_visit = models.ForeignKey("tickets.NodeVisit", models.PROTECT, null=True, related_name="children")
    rating = models.PositiveSmallIntegerField(null=True, validators=[MinValueValidator(1), MaxValueValidator(5)])
    rating_comment = models.TextField(blank=True)
    event_seq = models.PositiveIntegerField(default=0)
    event_hash = models.CharField(max_length=SIGNATURE_MAX, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["applicant", "-id"], name="ticket_mine"),
            models.Index(fields=["applicant"], name="ticket_mine_open", condition=models.Q(finished_at__isnull=True)),
            models.Index(fields=["-id"], name="ticket_open", condition=models.Q(finished_at__isnull=True)),
            models.Index(fields=["submitted_at"], name="ticket_submitted"),
            models.Index(fields=["finished_at"], name="ticket_finished", condition=models.Q(finished_at__isnull=False)),
            models.Index(fields=["applicant", "-id"], name="ticket_to_mend", condition=models.Q(state="returned")),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=TicketState.values), name="ticket_state_known"),
            models.CheckConstraint(
                condition=models.Q(rating__isnull=True) | models.Q(rating__range=(1, 5)),
                name="ticket_rating_1_to_5",
            ),
        ]

    def __str__(self) -> str:
        return self.number
