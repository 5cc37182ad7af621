"""One request and its whole life."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from config.keys import SIGNATURE_MAX
from tickets.states import TicketFlow, TicketState


class Priority(models.TextChoices):
    """优先级."""

    LOW = "low", _("Low")
    NORMAL = "normal", _("Normal")
    HIGH = "high", _("High")
    URGENT = "urgent", _("Urgent")


class Ticket(TicketFlow):
    """工单. Its row is the lock under which everything about it changes.

    version counts changes of state and content: what somebody who decides must have seen. Comments, and what
    others decide beside them, do not count, so that they stand in nobody's way. event_seq and event_hash are the
    end of its event chain. returned_from: the node that returned it, empty when none has; reopen: the nodes that a
    return with `resume: here` comes back to. A sub-ticket has its parent, and the visit that made it.
    """

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
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    parent_visit = models.ForeignKey("tickets.NodeVisit", models.PROTECT, null=True, related_name="children")
    rating = models.PositiveSmallIntegerField(null=True, validators=[MinValueValidator(1), MaxValueValidator(5)])
    rating_comment = models.TextField(blank=True)
    event_seq = models.PositiveIntegerField(default=0)
    event_hash = models.CharField(max_length=SIGNATURE_MAX, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["applicant", "-id"], name="ticket_mine"),
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
