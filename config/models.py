"""Heartbeats."""

from django.db import models


class Pulse(models.Model):
    """When something last happened, by the database's clock, and how often in total.

    name: a background task; `refused:` and the reason why a broker message was refused; or `unsealed:` and the kind of
    a row that Baton did not write.
    """

    name = models.CharField(primary_key=True, max_length=64)
    at = models.DateTimeField()
    count = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return self.name
