"""What a ticket asks for, frozen."""

from typing import Any, TypedDict

from django.conf import settings
from django.db import models


class Target(TypedDict):
    """One host as approved: its name in the inventory and how it is reached."""

    name: str
    address: str
    connection: str


class Plan(TypedDict):
    """One automation node, rendered before approval; shown, hashed and executed from the same bytes (I15).

    digest: SHA-256 in hex over the canonical form of all other keys.
    """

    node: str
    action: str
    version: str
    executor: str
    params: dict[str, Any]
    targets: list[Target]
    not_before: str | None
    digest: str


class ContentVersion(models.Model):
    """Form values and rendered plans of one ticket; editing makes a new row, never a change (I5).

    form: field key → value. facts: what else the chain's conditions may know, {applicant, ticket}, as it was when
    the content was handed in, so that the way a ticket takes is settled together with what is approved.
    plans: node → Plan. digest: see tickets.digests.
    """

    ticket = models.ForeignKey("tickets.Ticket", models.CASCADE, related_name="contents")
    number = models.PositiveIntegerField()
    form = models.JSONField()
    facts = models.JSONField()
    plans = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "number"], name="content_version_unique")]

    def __str__(self) -> str:
        return f"{self.ticket_id} content {self.number}"
