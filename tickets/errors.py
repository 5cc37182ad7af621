"""Domain errors of tickets, one class per code."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from common.errors import DomainError, Problem


class NotFound(DomainError):
    """It does not exist, or this person has no right to see it."""

    code, status = "not_found", 404
    text = _("There is nothing here, or you may not see it.")


class NotYourTask(DomainError):
    """The actor is neither the assignee of this task nor an active proxy of the assignee."""

    code, status = "not_your_task", 403
    text = _("This task is assigned to someone else. Ask them, or let them name you as their proxy.")


class SecondSeat(DomainError):
    """The actor has already signed at this step, for themselves or as a proxy (I04)."""

    code, status = "second_seat", 403
    text = _("You have already signed at this step. Another person must decide this task.")


class OwnTicket(DomainError):
    """The applicant would decide their own ticket (I03)."""

    code, status = "own_ticket", 403
    text = _("You cannot decide about your own ticket.")


class NotAllowed(DomainError):
    """This person may see it but not do this."""

    code, status = "not_allowed", 403
    text = _("You may see this, but you may not do that.")


class TaskAlreadyDecided(DomainError):
    """Somebody else decided first; the detail says who and when."""

    code, status = "task_already_decided", 409
    text = _("This task is already decided. Nothing left to do.")


class StaleVersion(DomainError):
    """The ticket changed since it was shown (I05)."""

    code, status = "stale_version", 409
    text = _("The ticket changed since you opened it. Look at it again, then decide.")


class DigestRequired(DomainError):
    """The decision would run something but carries no digest of the plan (I05)."""

    code, status = "digest_required", 422
    text = _("An approval would run something. Check the plan, and send the digest that was shown with it.")


class OneByOne(DomainError):
    """The plan is of high risk: it must be approved on its own page, not in bulk (A25)."""

    code, status = "one_by_one", 409
    text = _("An approval would run something of high risk. Open the ticket, check its plan, and decide it by itself.")


class DryRunPending(DomainError):
    """A plan requires a dry run, and its result is not there yet."""

    code, status = "dry_run_pending", 409
    text = _("The dry run is not finished. Approve when its result is there.")


class DryRunFailed(DomainError):
    """A plan requires a dry run, and the last one failed."""

    code, status = "dry_run_failed", 409
    text = _("The dry run failed. Check the reason, then run it again, or return the ticket.")


class ForeseenAnew(StaleVersion):
    """A new dry run is part of what is signed: the digest that was shown is no longer current (I05)."""

    text = _("A dry run has finished since you opened this ticket. Look at its predicted changes, then decide.")


class WrongState(DomainError):
    """The state of the ticket or task does not allow this."""

    code, status = "wrong_state", 409
    text = _("That is not possible in the state this is in now.")


class RemindedAlready(DomainError):
    """A reminder is allowed once in ten minutes."""

    code, status = "reminded_already", 409
    text = _("They were reminded a moment ago.")


class AlreadyRunning(DomainError):
    """The job has started; the ticket can no longer be withdrawn (I17)."""

    code, status = "already_running", 409
    text = _("The job is already running. Cancel the job instead.")


class FixedByParent(DomainError):
    """The change would alter a sub-ticket's content, which was approved with its parent (I12)."""

    code, status = "fixed_by_parent", 409
    text = _(
        "The content was approved together with the parent ticket and cannot be changed here. "
        "Withdraw this ticket, or have the parent returned."
    )


class Invalid(DomainError):
    """The request is invalid; `errors` says what and where."""

    code, status = "invalid", 422
    text = _("Some of the values are not valid. See the errors for what to correct.")

    def __init__(self, errors: Sequence[Problem], detail: str = "") -> None:
        super().__init__(detail, errors=errors)


class PlanRefused(Invalid):
    """No plan can be made for an automation node from these values."""

    code = "plan_refused"
