"""How much somebody has asked for lately."""

from django.db import models


class Quota(models.Model):
    """When a person's, or an address's, allowance of one kind is whole again; see accounts.quotas. May be lost."""

    key = models.CharField(max_length=100, primary_key=True)
    full_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key
