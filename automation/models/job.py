"""Tables of jobs and their hosts. A job runs one approved plan."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from automation.states import JobFlow, JobState


class Job(JobFlow):
    """自动化工单, one per visit of an automation node (I14). The claim uses the database's clock for its times.

    site: the site whose executors run it, "" for the main one. content: the approved content version with the plan.
    plan_digest: as in `execution.approved`. only: names of the hosts that a rerun, rollback or resumption is limited
    to, null for all. rung_at: when a worker was last rung. put_off_at: when it last could not start because its
    external system was unreachable. holds_hosts: the results of some hosts are unknown and something may still run
    there, so no other job may change these hosts. log_size: characters in its log. node_name: a localized text.
    journal, entry: the executor's journal and the number of the last attempt's entry in it, "" and null before.
    No column here decides alone what runs: each is checked against the signed plan (automation.jobs.signed).
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
    site = models.CharField(max_length=32, blank=True, default="")
    rung_at = models.DateTimeField(null=True, blank=True)
    put_off_at = models.DateTimeField(null=True, blank=True)
    holds_hosts = models.BooleanField(default=False, db_default=False)
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
            models.Index(fields=["id"], condition=Q(state__in=["waiting", "running", "paused"]), name="job_open"),
            models.Index(fields=["id"], condition=Q(holds_hosts=True), name="job_holds"),
            models.Index(fields=["ticket"], name="job_ticket"),
            models.Index(fields=["journal", "entry"], name="job_journal", condition=~Q(journal="")),
        ]

    def __str__(self) -> str:
        return f"job {self.pk}"


class HostStatus(models.TextChoices):
    """The result of one host.

    skipped: left out, because an earlier batch failed or the run was refused; not reached: the run ended before its
    turn; cancelled: stopped in the middle.
    """

    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    OK = "ok", _("OK")
    CHANGED = "changed", _("Changed")
    FAILED = "failed", _("Failed")
    UNREACHABLE = "unreachable", _("Unreachable")
    ROLLED_BACK = "rolled_back", _("Rolled back")
    SKIPPED = "skipped", _("Skipped")
    NOT_REACHED = "not_reached", _("Not reached")
    CANCELLED = "cancelled", _("Cancelled")
    UNKNOWN = "unknown", _("Unknown")


DONE = frozenset({HostStatus.OK, HostStatus.CHANGED})
UNDER_WAY = frozenset({HostStatus.WAITING, HostStatus.RUNNING})
OPEN = UNDER_WAY | {HostStatus.UNKNOWN}  # a result may still arrive
TOUCHING = frozenset({HostStatus.CHANGED, HostStatus.FAILED, HostStatus.CANCELLED, HostStatus.UNKNOWN})


class JobHost(models.Model):
    """One target of one job. message: what the host reported when it failed; cleaned and short.

    batch: its batch in the last run, from 1; null if it was not in that run, or the run had no batches.
    touched: a run may have changed it, and no rollback has undone that.
    """

    job = models.ForeignKey(Job, models.CASCADE, related_name="hosts")
    name = models.CharField(max_length=128)
    status = models.CharField(max_length=16, choices=HostStatus.choices, default=HostStatus.WAITING)
    changed = models.BooleanField(default=False)
    message = models.TextField(blank=True)
    batch = models.PositiveSmallIntegerField(null=True, blank=True)
    touched = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "name"], name="job_host_once")]

    def __str__(self) -> str:
        return f"{self.name} of job {self.job_id}"
