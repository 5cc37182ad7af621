"""The state machine of a job."""

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
    """How a job ended. It adds to the state, because "failed" alone does not say what a person must do."""

    OK = "ok", _("Done on every host")
    PARTIAL = "partial", _("Done on some hosts only")
    FAILED = "failed", _("Failed")
    TIMED_OUT = "timed_out", _("Stopped at its time limit")
    OUT_OF_MEMORY = "out_of_memory", _("Stopped at its memory limit")
    CANCELLED = "cancelled", _("Stopped by a person")
    WITHDRAWN = "withdrawn", _("The ticket no longer waits for it")
    REFUSED = "refused", _("Refused: not what was approved")
    EXPIRED = "expired", _("The approval ran out before it could start")
    ROLLED_BACK = "rolled_back", _("Rolled back")
    DRIFTED = "drifted", _("Stopped before it began: other changes than those that were foreseen")
    UNKNOWN = "unknown", _("Unknown: nobody knows how far it came")


ENDED = frozenset({JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED})
S = JobState


class JobFlow(ConcurrentTransitionMixin, models.Model):
    """The states of one job (自动化工单). No job starts twice automatically (I14). A test compares table and code.

    is_rollback: its last run is the plan's rollback.

    method   | from      | to        | who
    ---------|-----------|-----------|------------------------------------------------------
    start    | waiting   | running   | the worker that claimed it
    complete | running   | completed | the worker, every host done
    fail     | running   | failed    | the worker, or the sweep when its worker died
    refuse   | waiting   | failed    | the worker or the sweep: not as approved, or too late
    refuse   | paused    | failed    | the sweep: the approval ran out
    pause    | running   | paused    | the worker, between two batches, asked by a person
    resume   | paused    | waiting   | an operator
    cancel   | waiting   | cancelled | an operator or the applicant; a withdrawal
    cancel   | running   | cancelled | the worker, asked by an operator or the applicant
    cancel   | paused    | cancelled | an operator or the applicant
    rerun    | failed    | waiting   | an operator
    rerun    | cancelled | waiting   | an operator
    rollback | paused    | waiting   | an operator: run the plan's rollback
    rollback | completed | waiting   | the same, after problems showed later
    rollback | failed    | waiting   | the same
    rollback | cancelled | waiting   | the same
    """

    state = FSMField(choices=JobState.choices, default=JobState.WAITING, protected=True)
    outcome = models.CharField(max_length=16, choices=Outcome.choices, blank=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    is_rollback = models.BooleanField(default=False)
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    pause_requested_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    @transition(state, source=S.WAITING, target=S.RUNNING)
    def start(self, *, at: datetime) -> None:
        """A worker claimed it: from now on it counts as run, whatever happens."""
        self.attempt += 1
        self.started_at = self.heartbeat_at = at
        self.finished_at, self.outcome = None, ""

    @transition(state, source=S.RUNNING, target=S.COMPLETED)
    def complete(self, *, at: datetime) -> None:
        """Done on every host."""
        self._end(at, Outcome.OK)

    @transition(state, source=S.RUNNING, target=S.FAILED)
    def fail(self, *, at: datetime, outcome: str) -> None:
        """Not done on every host, or the result is unknown."""
        self._end(at, outcome)

    @transition(state, source=S.RUNNING, target=S.PAUSED)
    def pause(self) -> None:
        """A batch has ended and the next one has not started; no worker holds the job."""
        self.pause_requested_at = None

    @transition(state, source=S.PAUSED, target=S.WAITING)
    def resume(self) -> None:
        """Continue with the remaining hosts."""

    @transition(state, source=[S.WAITING, S.PAUSED], target=S.FAILED)
    def refuse(self, *, at: datetime, outcome: str) -> None:
        """Not started, and it will not start automatically."""
        self._end(at, outcome)

    @transition(state, source=[S.WAITING, S.RUNNING, S.PAUSED], target=S.CANCELLED)
    def cancel(self, *, at: datetime, outcome: str = Outcome.CANCELLED) -> None:
        """Stopped before it was done."""
        self._end(at, outcome)

    @transition(state, source=[S.FAILED, S.CANCELLED], target=S.WAITING)
    def rerun(self) -> None:
        """A person decided to run it again; the events keep the outcome of the last attempt."""
        self._begin_anew(is_rollback=False)

    @transition(state, source=[S.PAUSED, S.COMPLETED, S.FAILED, S.CANCELLED], target=S.WAITING)
    def rollback(self) -> None:
        """A person decided to undo what the run did."""
        self._begin_anew(is_rollback=True)

    def _begin_anew(self, *, is_rollback: bool) -> None:
        self.outcome, self.started_at, self.finished_at, self.cancel_requested_at = "", None, None, None
        self.is_rollback = is_rollback

    def _end(self, at: datetime, outcome: str) -> None:
        self.finished_at, self.outcome, self.pause_requested_at = at, outcome, None
