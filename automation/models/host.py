"""Table of the inventory's hosts."""

from typing import TypedDict

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class Connection(models.TextChoices):
    """How a host is reached. A host may have a minion with any of these.

    local: a demonstration host, only a folder below BATON_HOME. salt: only through its minion, not over SSH.
    """

    LOCAL = "local"
    SSH = "ssh"
    SALT = "salt"


class Facts(TypedDict, total=False):
    """What a host last reported about itself: short texts for display only; they decide nothing."""

    os: str
    kernel: str
    arch: str
    cpus: str
    memory: str
    python: str


class Host(models.Model):
    """主机. groups and labels are for finding hosts; variables describe them (name → plain JSON value).

    Variables never reach an executor: data that can change after the approval must not change the run (I15).
    minion: its Salt minion id, "" for none. site: the site of its executor, "" for the main one. facts, facts_at: what
    it last reported about itself, and when. check_result, check_message, checked_at: whether it answered the last
    check ("" before the first one), and why not. check_requested_at: when a check was requested; null after the
    check has begun.
    """

    class Check(models.TextChoices):
        """The result of the last check of a host."""

        NEVER = "", _("Never checked")
        OK = "ok", _("Answers")
        UNREACHABLE = "unreachable", _("Does not answer")
        UNUSABLE = "unusable", _("Answers, but nothing can be run there")
        UNKNOWN = "unknown", _("Could not be asked")

    name = models.CharField(max_length=128)
    address = models.CharField(max_length=255, blank=True)
    connection = models.CharField(max_length=8, choices=Connection.choices, default=Connection.SSH)
    port = models.PositiveIntegerField(default=22)
    user = models.CharField(max_length=32, default="root")
    minion = models.CharField(max_length=128, blank=True, default="")
    site = models.CharField(max_length=32, blank=True, default="")
    groups = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    labels = models.JSONField(default=dict, blank=True)
    variables = models.JSONField(default=dict, blank=True)
    is_active = models.BooleanField(default=True)
    facts = models.JSONField(default=dict, blank=True)
    facts_at = models.DateTimeField(null=True, blank=True)
    check_result = models.CharField(max_length=16, choices=Check.choices, blank=True, default=Check.NEVER)
    check_message = models.CharField(max_length=300, blank=True, default="")
    checked_at = models.DateTimeField(null=True, blank=True)
    check_requested_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("name"), name="host_name_unique"),
            models.CheckConstraint(condition=Q(port__range=(1, 65535)), name="host_port_range"),
            models.CheckConstraint(condition=Q(connection__in=Connection.values), name="host_connection_known"),
            models.CheckConstraint(condition=~Q(connection="salt", minion=""), name="host_salt_needs_minion"),
            models.UniqueConstraint(fields=["minion"], condition=~Q(minion=""), name="host_minion_unique"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reach(self) -> str:
        """How to reach this host, for a plan: user@address:port, a demonstration host's folder, or a minion id."""
        if self.connection == Connection.LOCAL:
            return f"hosts/{self.name}"
        if self.connection == Connection.SALT:
            return self.minion
        address = self.address or self.name
        return f"{self.user}@{f'[{address}]' if ':' in address else address}:{self.port}"
