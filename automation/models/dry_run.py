"""A dry run of a plan, and its predicted changes on each host."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from automation.models.job import HostStatus


class DryRunState(models.TextChoices):
    """试运行状态. waiting → running → done, failed; dropped if nothing waits for it any more."""

    WAITING = "waiting", pgettext_lazy("dry run", "Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", pgettext_lazy("dry run", "Done")
    FAILED = "failed", _("Failed")
    DROPPED = "dropped", pgettext_lazy("dry run", "Dropped")


OPEN = (DryRunState.WAITING, DryRunState.RUNNING)


class DryRun(models.Model):
    """试运行 of one plan of one content. It changes nothing, so it may be repeated: if its worker dies, it runs again.

    purpose: `plan`, whose result goes into the ticket's trail; `job`, for people who look at a job; `recheck`, right
    before a job begins: done if the job may begin, failed if it may not. tries: how often it has begun, counted before
    the try (F37). summary, words, digest: see tickets.rules.dry_run_rules. message: why it failed. site: the site whose
    executors run it, "" for the main site. asked_by: who asked for the repeat, None for the system.
    """

    class Purpose(models.TextChoices):
        """The purpose of a dry run."""

        PLAN = "plan", "plan"
        JOB = "job", "job"
        RECHECK = "recheck", "recheck"

    ticket = models.ForeignKey("tickets.Ticket", models.PROTECT, related_name="dry_runs")
    content = models.ForeignKey("tickets.ContentVersion", models.PROTECT, related_name="+")
    job = models.ForeignKey("automation.Job", models.PROTECT, related_name="dry_runs", null=True)
    node = models.CharField(max_length=64)
    plan_digest = models.CharField(max_length=64)
    purpose = models.CharField(max_length=8, choices=Purpose.choices, default=Purpose.PLAN)
    state = models.CharField(max_length=8, choices=DryRunState.choices, default=DryRunState.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    site = models.CharField(max_length=64, blank=True, default="")
    asked_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    rung_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    summary = models.JSONField(default=dict)
    words = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, blank=True)
    message = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=DryRunState.values), name="dry_run_state_known"),
            models.UniqueConstraint(
                fields=["ticket", "node", "plan_digest", "purpose"],
                condition=Q(state__in=["waiting", "running"]),
                name="dry_run_once_at_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(state__in=["waiting", "running"]), name="dry_run_open"),
            models.Index(fields=["ticket", "node", "-id"], name="dry_run_of_plan"),
            models.Index(fields=["started_at"], name="dry_run_begun"),
        ]

    def __str__(self) -> str:
        return f"dry run {self.pk}"


class DryRunHost(models.Model):
    """The predicted changes of one host. items: [{path, diff}], cleaned and limited. unforeseen: steps that could not
    be predicted. status: the same values as for a job's hosts. message: the host's message if it failed."""

    dry_run = models.ForeignKey(DryRun, models.CASCADE, related_name="hosts")
    name = models.CharField(max_length=128)
    status = models.CharField(max_length=16, default=HostStatus.WAITING)
    changed = models.BooleanField(default=False)
    message = models.TextField(blank=True)
    items = models.JSONField(default=list)
    unforeseen = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dry_run", "name"], name="dry_run_host_once")]

    def __str__(self) -> str:
        return f"{self.name} of dry run {self.dry_run_id}"
