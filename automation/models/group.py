"""Table of host groups, with who may target their hosts."""

from typing import Any

from django.db import models

EVERYONE = "everyone"


def everyone() -> list[Any]:
    """The default audience of a group: everyone."""
    return [EVERYONE]


class HostGroup(models.Model):
    """主机分组. A host lists its groups (`Host.groups`); every name there has a row here.

    usable_by: whose tickets may target its hosts: "everyone", or entries such as {department: dev}, {role: sre},
    {user: alice}. A group's limit applies to every host in it, even if the host is also in an open group.
    """

    name = models.CharField(max_length=64, unique=True)
    description = models.CharField(max_length=500, blank=True)
    usable_by = models.JSONField(default=everyone)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        """Whether the tickets of all users may target its hosts."""
        return EVERYONE in self.usable_by

    @property
    def about(self) -> str:
        """Its name in the audit trail of administration."""
        return f"host_group:{self.pk}"
