"""Times of the latest WeCom messages to each person."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models


class Pace(models.Model):
    """When messages to this person were claimed, by the database's clock; only times that still count (pace.py)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    agent_id = models.BigIntegerField()
    sent = ArrayField(models.DateTimeField(), default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "agent_id"], name="pace_once")]

    def __str__(self) -> str:
        return f"pace of {self.user_id}"
