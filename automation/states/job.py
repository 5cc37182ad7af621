"""Life of one Job."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import ConcurrentTransitionMixin, FSMField, transition


class JobState(models.TextChoices):
    """自动化工单状态."""

    WAITING = "waiting", pgettext_lazy("job", "Waiting")
    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    COMPLETED = "completed", _("Completed")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", pgettext_lazy("job", "Cancelled")


class Outcome(models.TextChoices):
    """How a job ended; beside its state, because "failed" alone does not say what a person must do."""

    OK = "ok", _("Done on every host")
    PARTIAL = "partial", _("Done on some hosts only")
    FAILED = "failed", _("Failed")
    TIMED_OUT = "timed_out", _("Stopped at its time limit")
    OUT_OF_MEMORY = "out_of_memory", _("Stopped at its memory limit")
    CANCELLED = "cancelled", _("Stopped by a person")
    WITHDRAWN = "withdrawn", _("The ticket no longer waits for it")
    REFUSED = "refused", _("Refused: not what was approved")
    EXPIRED = "expired", _("The approval ran out before it could start")
    UNKNOWN = "unknown", _("Unknown: nobody knows how far it came")


S = JobState


class JobFlow(ConcurrentTransitionMixin, models.Model):
    """Life of one Job (自动化工单). Nothing starts twice by itself (I14); tests hold table to code.

    method   | from      | to        | who
    ---------|-----------|-----------|------------------------------------------------------
    start    | waiting   | running   | the worker that claimed it
    complete | running   | completed | the worker, every host done
    fail     | running   | failed    | the worker, or the sweep when its worker died
    refuse   | waiting   | failed    | the worker or the sweep: not as approved, or too late
    cancel   | waiting   | cancelled | an operator or the applicant; a withdrawal
    cancel   | running   | cancelled | the worker, asked by an operator or the applicant
    rerun    | failed    | waiting   | an operator
    rerun    | cancelled | waiting   | an operator
    """

    state = FSMField(choices=JobState.choices, default=JobState.WAITING, protected=True)
    outcome = models.CharField(max_length=16, choices=Outcome.choices, blank=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    @transition(state, source=S.WAITING, target=S.RUNNING)
    def start(self, *, at: datetime) -> None:
        """Claimed: from here on it counts as having run, whatever happens."""
        self.attempt += 1
        self.started_at = self.heartbeat_at = at
        self.finished_at, self.outcome = None, ""

    @transition(state, source=S.RUNNING, target=S.COMPLETED)
    def complete(self, *, at: datetime) -> None:
        """Done on every host."""
        self._end(at, Outcome.OK)

    @transition(state, source=S.RUNNING, target=S.FAILED)
    def fail(self, *, at: datetime, outcome: str) -> None:
        """Not done on every host, or nobody knows."""
        self._end(at, outcome)

    @transition(state, source=S.WAITING, target=S.FAILED)
    def refuse(self, *, at: datetime, outcome: str) -> None:
        """Not started, and it will not start by itself."""
        self._end(at, outcome)

    @transition(state, source=[S.WAITING, S.RUNNING], target=S.CANCELLED)
    def cancel(self, *, at: datetime, outcome: str = Outcome.CANCELLED) -> None:
        """Stopped before its end."""
        self._end(at, outcome)

    @transition(state, source=[S.FAILED, S.CANCELLED], target=S.WAITING)
    def rerun(self) -> None:
        """To be started once more, by a person's decision; how the last attempt ended stays in the events."""
        self.outcome, self.started_at, self.finished_at, self.cancel_requested_at = "", None, None, None

    def _end(self, at: datetime, outcome: str) -> None:
        self.finished_at, self.outcome = at, outcome
