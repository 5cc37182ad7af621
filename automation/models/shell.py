"""Hosts that send shell lines, and the lines."""

from django.db import models
from django.db.models import Q

COMMAND_MAX = 4096


class ShellHost(models.Model):
    """One enrolment: a host, its signing key, and how far its lines have arrived.

    name: the host's name when the job ran. public_key: "ssh-ed25519 AAAA…", unique among present enrolments.
    enrolled_by: the applicant of that job's ticket. removed_at: nothing is accepted after it. last_seq: the highest
    line number received. last_at: when it last sent, with lines or, once an hour, without. lost: how many numbers
    up to last_seq have not arrived.
    newest: id of its newest line; looked: the id up to which rules were applied (automation.shells.alarms).
    """

    host = models.ForeignKey("automation.Host", models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=128)
    public_key = models.CharField(max_length=128)
    enrolled_at = models.DateTimeField()
    enrolled_job = models.ForeignKey("automation.Job", models.SET_NULL, null=True, related_name="+")
    enrolled_by = models.CharField(max_length=150, blank=True)
    removed_at = models.DateTimeField(null=True)
    last_seq = models.BigIntegerField(default=0)
    last_at = models.DateTimeField(null=True)
    lost = models.BigIntegerField(default=0)
    newest = models.BigIntegerField(default=0)
    looked = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name"], condition=Q(removed_at__isnull=True), name="shell_host_name"),
            models.UniqueConstraint(fields=["public_key"], condition=Q(removed_at__isnull=True), name="shell_host_key"),
        ]

    def __str__(self) -> str:
        return f"shells of {self.name}"


class ShellLine(models.Model):
    """One typed line. Never changed; deleted only after the retention time (a trigger refuses anything else).

    seq: its number in this enrolment. at: by the host's clock; received_at if that is impossible. user: the owner of
    the shell. session: the same in all shells of one log-in, as far as the host can tell. source: the remote address,
    "" at the console. cwd, command: invisible characters are escaped; is_cut: command was longer.
    """

    shell_host = models.ForeignKey(ShellHost, models.PROTECT, related_name="lines")
    seq = models.BigIntegerField()
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    user = models.CharField(max_length=64)
    session = models.CharField(max_length=64)
    tty = models.CharField(max_length=32, blank=True)
    source = models.CharField(max_length=64, blank=True)
    cwd = models.CharField(max_length=512, blank=True)
    command = models.CharField(max_length=COMMAND_MAX)
    is_cut = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shell_host", "seq"], name="shell_line_once")]
        indexes = [
            models.Index(fields=["-at", "-id"], name="shell_line_when"),
            models.Index(fields=["shell_host", "-at", "-id"], name="shell_line_host"),
            models.Index(fields=["user", "-at", "-id"], name="shell_line_user"),
        ]

    def __str__(self) -> str:
        return f"line {self.seq} of enrolment {self.shell_host_id}"
