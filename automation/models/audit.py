"""One run of an action, and its hosts."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class AuditMode(models.TextChoices):
    """Why a run began."""

    RUN = "run", _("Run")
    RERUN = "rerun", _("Rerun")
    RESUME = "resume", _("Resumption")
    ROLLBACK = "rollback", _("Rollback")
    CHECK = "check", _("Dry run")
    HEALTH = "health", _("Health check")


class AuditRun(models.Model):
    """One run of one action: who, what, from which ticket. Written once; only its end may be set later, once (a trigger
    refuses everything else). All batches of a run are one row; stages, health checks and rollbacks have their own.

    stage: its number in the plan, from 1; for a health check, that of the run it checks. release: the hash of the
    event that released it, "" for a dry run. action, version, params: as given to the executor. command: the action's
    line in both languages, null if only the version tells it (rows made by the migration). asked_by: the applicant, or
    the person who asked for the rerun, resumption or rollback. approved_by: usernames of those whose decisions made up
    the approval. outcome: "" while it runs; the values of a job, and `paused`, `done`, `dropped`.
    """

    job = models.ForeignKey("automation.Job", models.PROTECT, null=True, related_name="+")
    dry_run = models.ForeignKey("automation.DryRun", models.PROTECT, null=True, related_name="+")
    attempt = models.PositiveSmallIntegerField()
    stage = models.PositiveSmallIntegerField(default=1, db_default=1)
    mode = models.CharField(max_length=8, choices=AuditMode.choices)
    release = models.CharField(max_length=128, blank=True)
    ticket = models.ForeignKey("tickets.Ticket", models.PROTECT, related_name="+")
    node = models.CharField(max_length=64)
    action = models.CharField(max_length=64)
    version = models.CharField(max_length=64)
    executor = models.CharField(max_length=32)
    site = models.CharField(max_length=64, blank=True)
    params = models.JSONField()
    command = models.JSONField(null=True)
    asked_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    approved_by = models.JSONField(default=list)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=16, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "attempt", "stage", "mode"], name="audit_run_once"),
            models.UniqueConstraint(fields=["dry_run", "attempt", "stage"], name="audit_dry_run_once"),
            models.CheckConstraint(
                condition=Q(job__isnull=False, dry_run__isnull=True) | Q(job__isnull=True, dry_run__isnull=False),
                name="audit_run_of_one",
            ),
        ]
        indexes = [
            models.Index(fields=["-began_at", "-id"], name="audit_run_when"),
            models.Index(fields=["action", "-began_at"], name="audit_run_action"),
            models.Index(fields=["ticket"], name="audit_run_ticket"),
        ]

    def __str__(self) -> str:
        return f"audited run {self.pk}"


class AuditHost(models.Model):
    """One host of a run, with the connection the executor used. status: the same values as for a job's hosts."""

    run = models.ForeignKey(AuditRun, models.PROTECT, related_name="hosts")
    host = models.CharField(max_length=128)
    address = models.CharField(max_length=255, blank=True)
    connection = models.CharField(max_length=16)
    status = models.CharField(max_length=16)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "host"], name="audit_host_once")]
        indexes = [models.Index(fields=["host", "-began_at", "-run"], name="audit_host_when")]

    def __str__(self) -> str:
        return f"{self.host} of audited run {self.run_id}"
