"""The inventory."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower


class Connection(models.TextChoices):
    """How a host is reached. `local`: a demonstration host, its folder below BATON_HOME, nothing else."""

    LOCAL = "local"
    SSH = "ssh"


class Host(models.Model):
    """主机. groups and labels are for finding hosts; variables describe them (name → plain JSON value).

    Variables never reach an executor: what can change after the approval must not change the run (I15).
    """

    name = models.CharField(max_length=128)
    address = models.CharField(max_length=255, blank=True)
    connection = models.CharField(max_length=8, choices=Connection.choices, default=Connection.SSH)
    port = models.PositiveIntegerField(default=22)
    user = models.CharField(max_length=32, default="root")
    groups = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    labels = models.JSONField(default=dict, blank=True)
    variables = models.JSONField(default=dict, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("name"), name="host_name_unique"),
            models.CheckConstraint(condition=Q(port__range=(1, 65535)), name="host_port_range"),
            models.CheckConstraint(condition=Q(connection__in=Connection.values), name="host_connection_known"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reach(self) -> str:
        """The way to this host, for a plan: user@address:port, or the folder of a demonstration host."""
        if self.connection == Connection.LOCAL:
            return f"hosts/{self.name}"
        address = self.address or self.name
        return f"{self.user}@{f'[{address}]' if ':' in address else address}:{self.port}"
