"""One run of an approved plan."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from automation.states import JobFlow, JobState


class Job(JobFlow):
    """自动化工单, one per visit of an automation node (I14). Times of the claim are the database's clock.

    content: the approved content version that holds the plan. plan_digest: as in `execution.approved`.
    only: names of the hosts that a rerun is limited to, or null for all. rung_at: when a worker was rung.
    log_size: characters in its log. node_name: a localized text. journal, entry: the executor's journal and its line
    under which the last attempt began, "" and null before. What decides what runs is never believed from here: it is
    held against the signed plan (automation.signed).
    """

    ticket = models.ForeignKey("tickets.Ticket", models.PROTECT, related_name="jobs")
    visit = models.OneToOneField("tickets.NodeVisit", models.PROTECT, related_name="job")
    content = models.ForeignKey("tickets.ContentVersion", models.PROTECT, related_name="+")
    node = models.CharField(max_length=64)
    node_name = models.JSONField(default=str)
    action = models.CharField(max_length=64)
    plan_digest = models.CharField(max_length=64)
    not_before = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField()
    rung_at = models.DateTimeField(null=True, blank=True)
    only = models.JSONField(null=True, blank=True)
    log_size = models.PositiveIntegerField(default=0)
    journal = models.CharField(max_length=32, blank=True, default="")
    entry = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=JobState.values), name="job_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running", "paused"], finished_at__isnull=True)
                | Q(state__in=["completed", "failed", "cancelled"], finished_at__isnull=False),
                name="job_ended_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(state__in=["waiting", "running"]), name="job_open"),
            models.Index(fields=["ticket"], name="job_ticket"),
            models.Index(fields=["journal", "entry"], name="job_journal", condition=~Q(journal="")),
        ]

    def __str__(self) -> str:
        return f"job {self.pk}"


class HostStatus(models.TextChoices):
    """What became of one host."""

    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    OK = "ok", _("OK")
    CHANGED = "changed", _("Changed")
    FAILED = "failed", _("Failed")
    UNREACHABLE = "unreachable", _("Unreachable")
    SKIPPED = "skipped", _("Skipped")
    CANCELLED = "cancelled", _("Cancelled")
    UNKNOWN = "unknown", _("Unknown")


DONE = frozenset({HostStatus.OK, HostStatus.CHANGED})


class JobHost(models.Model):
    """One target of one job. message: cleaned and short; what the host said when it failed."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="hosts")
    name = models.CharField(max_length=128)
    status = models.CharField(max_length=16, choices=HostStatus.choices, default=HostStatus.WAITING)
    changed = models.BooleanField(default=False)
    message = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "name"], name="job_host_once")]

    def __str__(self) -> str:
        return f"{self.name} of job {self.job_id}"
