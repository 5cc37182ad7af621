"""Table of action versions. Old versions stay, for tickets that were approved with them."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from common.keys import SIGNATURE_MAX


class ActionVersion(models.Model):
    """One version of one action. A trigger keeps its files unchanged; only its state may change (A29, I15).

    version: hash of its files. files: path → base64 of the bytes. source: `shipped` for Baton's own library, else the
    folder or repository; commit: the commit id. released_by, withdrawn_by: null if Baton did it automatically.
    is_recalled: plans approved with it do not start either. note: the comment of the last change. act: the number of
    that change in the audit trail of administration, null if it has none there. change: a number that grows with every
    change of this table. seal: see automation.actions.seals.
    """

    class State(models.TextChoices):
        NEW = "new"
        RELEASED = "released"
        SUPERSEDED = "superseded"
        WITHDRAWN = "withdrawn"

    key = models.CharField(max_length=64)
    version = models.CharField(max_length=64)
    source = models.CharField(max_length=300)
    commit = models.CharField(max_length=64, blank=True, default="")
    files = models.JSONField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.NEW)
    is_recalled = models.BooleanField(default=False)
    note = models.CharField(max_length=2000, blank=True, default="")
    found_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    act = models.BigIntegerField(null=True, blank=True)
    change = models.BigIntegerField(db_index=True)
    seal = models.CharField(max_length=SIGNATURE_MAX)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "version"], name="action_version_once"),
            models.UniqueConstraint(fields=["key"], condition=Q(state="released"), name="action_one_released"),
            models.CheckConstraint(
                condition=Q(state__in=["new", "released", "superseded", "withdrawn"]), name="action_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.version[:12]}"
