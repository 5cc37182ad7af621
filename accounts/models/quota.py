"""Table of quotas."""

from django.db import models


class Quota(models.Model):
    """When a person's or address's quota of one kind is full again; see accounts.access.quotas. Data may be lost."""

    key = models.CharField(max_length=100, primary_key=True)
    full_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key
