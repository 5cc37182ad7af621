"""Signs of life."""

from django.db import models


class Pulse(models.Model):
    """When something last happened, by the database's clock, and how often so far.

    name: a background task, `refused:` and why a message from the broker was refused, or
    `unsealed:` and what row was not written by us.
    """

    name = models.CharField(primary_key=True, max_length=64)
    at = models.DateTimeField()
    count = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return self.name
