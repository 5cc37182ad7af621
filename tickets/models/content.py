"""Table of content versions: what a ticket asks for, frozen; and the shapes of its plans."""

from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict

from django.conf import settings
from django.db import models


class Target(TypedDict):
    """One approved host: its name in the inventory and how it is reached (connection salt: by its minion id)."""

    name: str
    address: str
    connection: str


class PlanStep(TypedDict):
    """One action of a plan, apart from its first.

    take: parameter → {from: number of a stage, output: name}, filled at run time with the output of that stage.
    health_check: the step that checks the hosts after this one; it has none itself.
    """

    action: str
    version: str
    executor: str
    params: dict[str, Any]
    take: NotRequired[dict[str, dict[str, Any]]]
    health_check: "NotRequired[PlanStep]"


class Plan(TypedDict):
    """One automation node, rendered before approval; displayed, hashed and executed from the same bytes (I15).

    batch, on_failure: how many hosts run at a time, and what a failed batch means for the rest; absent if all run at
    once. stages: all actions if several run one after another; the first is the plan's own. rollback: the step that
    undoes a run, on the hosts that it has touched. health_check: the step that checks the hosts of each batch after it;
    a stage and a rollback have their own. site: where the hosts are; absent for the main site. not_before: earliest
    start. valid_days: how long after that, or after the last approval, it may begin; plans of earlier releases take the
    days from their action. dry_run: `required` or `offered`; absent if no dry run is possible (rules/dry_run_rules.py).
    digest: SHA-256 in hex over the canonical form of all other keys.
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
    stages: NotRequired[list[PlanStep]]
    rollback: NotRequired[PlanStep]
    health_check: NotRequired[PlanStep]
    site: NotRequired[str]
    dry_run: NotRequired[str]
    digest: str


class Child(TypedDict):
    """One sub-ticket as approved together with its parent (I12); `children` nest.

    template_version: id of the pinned version. form, facts, plans, children, digest: those of its content.
    """

    template_version: int
    title: str
    form: dict[str, Any]
    facts: dict[str, Any]
    plans: dict[str, Plan]
    children: dict[str, list[Any]]
    digest: str


class ContentVersion(models.Model):
    """Form values and rendered plans of one ticket. An edit makes a new row and never changes one (I05).

    form: field key → value. facts: what else the chain's conditions and rules can read, as it was at submission, so
    that the ticket's way is fixed together with what is approved: {applicant, ticket} and, where there are any:
    - chosen: node → usernames that the applicant chose;
    - editors: ids of people who changed what will run or the way to it, and so may not sign it (I03);
    - amends: digests of earlier contents whose decisions still count for this one, oldest first;
    - again: node → number n: decisions made there on the first n of `amends` do not count; its people are asked again;
    - attachments: id → SHA-256 of the file;
    - foreseen: node → the dry run that is signed with its plan, see tickets.rules.dry_run_rules.
    plans: node → Plan. children: node → [Child]. digest: see tickets.trail.digests.
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

    @property
    def editors(self) -> Sequence[int]:
        """Ids of people who changed what will run, or the way to it."""
        editors: Sequence[int] = self.facts.get("editors", ())
        return editors
