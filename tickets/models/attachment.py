"""Table of attachments: uploaded files."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q


def new_id() -> str:
    """128 random bits in hex. Access rights never depend on it being secret (I23)."""
    return secrets.token_hex(16)


class Attachment(models.Model):
    """附件. Uploaded first, bound to a ticket later; a trigger refuses every change once it is bound.

    name: cleaned, for display only. content_type: detected from the bytes, never taken from the client. sha256: of the
    bytes; also in the ticket's content or its `ticket.attached` event. stored_as: name in the storage, random and
    without extension. loose: added to the ticket next to its form; otherwise a form field of some content names it.
    """

    id = models.CharField(primary_key=True, max_length=32, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ticket = models.ForeignKey("tickets.Ticket", models.PROTECT, null=True, related_name="attachments")
    loose = models.BooleanField(default=False)
    name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    content_type = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0), name="attachment_not_empty"),
            models.CheckConstraint(
                condition=Q(loose=False) | Q(ticket__isnull=False), name="attachment_loose_is_bound"
            ),
        ]
        indexes = [
            models.Index(fields=["created_at"], condition=Q(ticket__isnull=True), name="attachment_unbound"),
        ]

    def __str__(self) -> str:
        return self.id
