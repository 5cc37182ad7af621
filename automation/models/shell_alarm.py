"""Rules, and the alarms that they raise."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from automation.models.shell import COMMAND_MAX

PATTERN_MAX = 200


class ShellWord(models.Model):
    """One rule: when this text is typed on a host of this group, people are told and a ticket is opened.

    pattern: plain text, found anywhere in a line, ignoring case and spacing; not a regular expression. group:
    null for all hosts. template: the key of the ticket's template, "" for no ticket; applicant: the ticket's applicant.
    form: field → {"from": one of filling.FACTS} or {"value": a fixed value}. tell: entries {"user": username} or
    {"role": key}.
    """

    pattern = models.CharField(max_length=PATTERN_MAX)
    group = models.ForeignKey("automation.HostGroup", models.PROTECT, null=True, related_name="+")
    template = models.CharField(max_length=64, blank=True)
    applicant = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    form = models.JSONField(default=dict)
    tell = models.JSONField(default=list)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"shell word {self.pk}"

    @property
    def about(self) -> str:
        """Its name in the trail of administration."""
        return f"shell_word:{self.pk}"


class ShellAlarm(models.Model):
    """The lines of one log-in that match one rule; one ticket at most.

    pattern, user, source, at, seq, command: copied from the first line, because that line may be deleted before the
    alarm. hits: the number of lines; last_at: when the newest arrived. settled_at: when people were told, or the alarm
    was put aside; attempts: how often that failed by an internal error. problem: a code, "" for none; detail: the
    message of the template or the form, a localized text.
    """

    word = models.ForeignKey(ShellWord, models.SET_NULL, null=True, related_name="alarms")
    pattern = models.CharField(max_length=PATTERN_MAX)
    shell_host = models.ForeignKey("automation.ShellHost", models.PROTECT, related_name="alarms")
    session = models.CharField(max_length=96)
    user = models.CharField(max_length=64)
    source = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()
    seq = models.BigIntegerField()
    command = models.CharField(max_length=COMMAND_MAX)
    raised_at = models.DateTimeField()
    hits = models.PositiveIntegerField(default=1)
    last_at = models.DateTimeField()
    ticket = models.ForeignKey("tickets.Ticket", models.PROTECT, null=True, related_name="+")
    problem = models.CharField(max_length=32, blank=True)
    detail = models.JSONField(default=str, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["word", "shell_host", "session"], name="shell_alarm_once")]
        indexes = [
            models.Index(fields=["id"], condition=Q(settled_at__isnull=True), name="shell_alarm_open"),
            models.Index(fields=["word", "settled_at"], name="shell_alarm_recent"),
            models.Index(fields=["shell_host", "seq"], name="shell_alarm_line"),
        ]

    def __str__(self) -> str:
        return f"shell alarm {self.pk}"

    @property
    def about(self) -> str:
        """Its name in the trail of administration."""
        return f"shell_alarm:{self.pk}"
