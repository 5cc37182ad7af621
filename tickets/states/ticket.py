"""State machine of a Ticket."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, FSMField, transition


class TicketState(models.TextChoices):
    """工单状态."""

    DRAFT = "draft", _("Draft")
    APPROVING = "approving", _("Approving")
    RETURNED = "returned", _("Returned")
    EXECUTING = "executing", _("Executing")
    FAILED = "failed", _("Failed")
    COMPLETED = "completed", _("Completed")
    VETOED = "vetoed", _("Vetoed")
    WITHDRAWN = "withdrawn", _("Withdrawn")


S = TicketState
FINAL = frozenset({S.COMPLETED, S.VETOED, S.WITHDRAWN})
MOVING = [S.APPROVING, S.EXECUTING, S.FAILED]
OPEN = frozenset({S.APPROVING, S.RETURNED, S.EXECUTING, S.FAILED})


class TicketFlow(ConcurrentTransitionMixin, models.Model):
    """Life of one Ticket (工单). Final states have no way out (I08); tests check this table against the code.

    method        | from      | to        | who
    --------------|-----------|-----------|------------------------------------
    submit        | draft     | approving | the applicant
    resubmit      | returned  | approving | the applicant
    return_       | approving | returned  | the assignee of an open task, or a failed sub-ticket
    return_       | executing | returned  | the same, while a job of another branch waits
    return_       | failed    | returned  | the same, after a job of another branch failed
    execute       | approving | executing | the engine, at an automation node
    approve_again | executing | approving | the engine, when the last job has completed
    fail          | executing | failed    | the job that failed
    retry         | failed    | executing | an operator, by a rerun; or another branch's job runs on
    resolve       | failed    | approving | an operator, with a reason
    complete      | approving | completed | the engine, after the last node
    veto          | approving | vetoed    | the assignee of an open task, or a failed sub-ticket
    veto          | executing | vetoed    | the same, while a job of another branch waits
    veto          | failed    | vetoed    | the same, after a job of another branch failed
    withdraw      | draft     | withdrawn | the applicant; an administrator if the applicant has left
    withdraw      | approving | withdrawn | the same
    withdraw      | returned  | withdrawn | the same
    withdraw      | executing | withdrawn | the same, before the job starts
    withdraw      | failed    | withdrawn | the same
    """

    state = FSMField(choices=TicketState.choices, default=TicketState.DRAFT, protected=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    @transition(state, source=S.DRAFT, target=S.APPROVING)
    def submit(self, *, at: datetime) -> None:
        """Submit for the first time."""
        self.submitted_at = at

    @transition(state, source=S.RETURNED, target=S.APPROVING)
    def resubmit(self) -> None:
        """Hand in again after a return."""

    @transition(state, source=MOVING, target=S.RETURNED)
    def return_(self) -> None:
        """Send back to the applicant."""

    @transition(state, source=S.APPROVING, target=S.EXECUTING)
    def execute(self) -> None:
        """Start executing: a job runs or waits."""

    @transition(state, source=S.EXECUTING, target=S.APPROVING)
    def approve_again(self) -> None:
        """Go back to approving: no job is left."""

    @transition(state, source=S.EXECUTING, target=S.FAILED)
    def fail(self) -> None:
        """A job failed or its outcome is unknown; a person must act."""

    @transition(state, source=S.FAILED, target=S.EXECUTING)
    def retry(self) -> None:
        """Execute again: a rerun of the approved plan."""

    @transition(state, source=S.FAILED, target=S.APPROVING)
    def resolve(self) -> None:
        """Go on after a person settled the failed job by hand."""

    @transition(state, source=S.APPROVING, target=S.COMPLETED)
    def complete(self, *, at: datetime) -> None:
        """Complete after the last node."""
        self.finished_at = at

    @transition(state, source=MOVING, target=S.VETOED)
    def veto(self, *, at: datetime) -> None:
        """Refuse for good."""
        self.finished_at = at

    @transition(state, source=[S.DRAFT, S.APPROVING, S.RETURNED, S.EXECUTING, S.FAILED], target=S.WITHDRAWN)
    def withdraw(self, *, at: datetime) -> None:
        """Withdraw the ticket."""
        self.finished_at = at
