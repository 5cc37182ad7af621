"""Tables of inventory sources, from which hosts are imported regularly, and of their runs."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class InventorySource(models.Model):
    """清单来源. path: a file below BATON_INVENTORY_DIR; "" for Salt itself, which is read over its API.

    interval_min: how often it is read, 0 for only on request. applies: whether a scheduled run applies additions and
    changes, up to most_changes hosts at a time; missing hosts are reported and never removed. site: set on its hosts.
    names: the hosts that it has brought and that are still active. next_at: when it is read next.
    """

    class Kind(models.TextChoices):
        """What is read: an Ansible inventory, a table (CSV, Excel), or Salt's minions."""

        ANSIBLE = "ansible", _("Ansible inventory")
        TABLE = "table", _("CSV or Excel")
        SALT = "salt", "Salt"

    name = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    path = models.CharField(max_length=255, blank=True)
    site = models.CharField(max_length=32, blank=True)
    interval_min = models.PositiveIntegerField(default=0)
    applies = models.BooleanField(default=False)
    most_changes = models.PositiveIntegerField(default=20)
    is_active = models.BooleanField(default=True)
    names = ArrayField(models.CharField(max_length=128), default=list, blank=True)
    next_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.name

    @property
    def about(self) -> str:
        """Its name in the audit trail of administration."""
        return f"inventory_source:{self.pk}"


class InventoryRun(models.Model):
    """One run: one reading of a source. apply: whether it should change the inventory; applied: whether it did.

    held_back: too_many_changes if there were more changes than a scheduled run may apply. outcome: as the answer of
    `hosts/import`. errors: findings because of which it failed. asked_by, channel, address: who requested it and from
    where; asked_by is null for the schedule.
    """

    class State(models.TextChoices):
        """The state of a run."""

        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    source = models.ForeignKey(InventorySource, models.CASCADE, related_name="runs")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    apply = models.BooleanField(default=False)
    applied = models.BooleanField(default=False)
    held_back = models.CharField(max_length=32, blank=True)
    outcome = models.JSONField(null=True, blank=True)
    errors = models.JSONField(default=list, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    channel = models.CharField(max_length=8, default="system")
    address = models.CharField(max_length=45, blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source"], condition=models.Q(state__in=["waiting", "running"]), name="inventory_run_one_open"
            )
        ]
        indexes = [models.Index(fields=["source", "-id"], name="inventory_run_newest")]

    def __str__(self) -> str:
        return f"run {self.pk} of source {self.source_id}"
