"""Table of syncs of the team's own repository of actions, with their results."""

from django.conf import settings
from django.db import models


class ActionSync(models.Model):
    """One sync. source: the address without log-in. commit: the commit that was read, "" for a plain folder.

    findings: [{file, line, key, what}], each `what` a localized text; if there is any, nothing was stored. found: the
    number of actions. fresh: [{key, version}] stored by this sync. gone: released keys from this source that it no
    longer contains; they stay released until somebody withdraws them. asked_by: null for the schedule or a command.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        REFUSED = "refused"
        FAILED = "failed"

    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    source = models.CharField(max_length=300)
    ref = models.CharField(max_length=200, blank=True, default="")
    commit = models.CharField(max_length=64, blank=True, default="")
    findings = models.JSONField(default=list)
    found = models.PositiveIntegerField(default=0)
    fresh = models.JSONField(default=list)
    gone = models.JSONField(default=list)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"look {self.pk} into {self.source}"
