"""What a ticket asks for, frozen."""

from typing import Any, NotRequired, TypedDict

from django.conf import settings
from django.db import models


class Target(TypedDict):
    """One host as approved: its name in the inventory and how it is reached."""

    name: str
    address: str
    connection: str


class Plan(TypedDict):
    """One automation node, rendered before approval; shown, hashed and executed from the same bytes (I15).

    batch, on_failure: in which portions the hosts are taken, and what a failed one means for the rest; absent where
    all are taken at once. not_before, valid_days: from when on, and for how long after that or the last approval, it
    may begin; plans of earlier releases leave the days to their action. digest: SHA-256 in hex over the canonical form
    of all other keys.
    """

    node: str
    action: str
    version: str
    executor: str
    params: dict[str, Any]
    targets: list[Target]
    not_before: str | None
    valid_days: NotRequired[int]
    batch: NotRequired[int | str | list[int | str]]
    on_failure: NotRequired[str]
    digest: str


class Child(TypedDict):
    """One sub-ticket as approved together with its parent (I12); `children` nest.

    template_version: the pinned version's id. form, facts, plans, children, digest: as of its content.
    """

    template_version: int
    title: str
    form: dict[str, Any]
    facts: dict[str, Any]
    plans: dict[str, Plan]
    children: dict[str, list[Any]]
    digest: str


class ContentVersion(models.Model):
    """Form values and rendered plans of one ticket; editing makes a new row, never a change (I5).

    form: field key → value. facts: what else the chain's conditions and rules may know, as it was when the content
    was handed in, so that the way a ticket takes is settled together with what is approved: {applicant, ticket} and,
    where there are any, chosen (node → usernames the applicant chose), editors (ids of people who changed what will
    run or the way to it, and therefore may not sign it, I3), amends (digests of the contents that were changed into
    this one without voiding what was decided on them, oldest first), again (node → of how many of `amends`, from the
    first, the decisions made there have fallen nevertheless: its people are asked again), attachments (id → SHA-256 of
    the file).
    plans: node → Plan. children: node → [Child]. digest: see tickets.digests.
    """

    ticket = models.ForeignKey("tickets.Ticket", models.CASCADE, related_name="contents")
    number = models.PositiveIntegerField()
    form = models.JSONField()
    facts = models.JSONField()
    plans = models.JSONField(default=dict)
    children = models.JSONField(default=dict, blank=True)
    digest = models.CharField(max_length=64)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "number"], name="content_version_unique")]

    def __str__(self) -> str:
        return f"{self.ticket_id} content {self.number}"
