"""What can go wrong, by name."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from config.errors import DomainError


class NotFound(DomainError):
    """It does not exist, or this person may not know that it does."""

    code, status = "not_found", 404
    text = _("There is nothing here, or it is not yours to see.")


class NotYourTask(DomainError):
    """The actor holds no seat in this task, neither himself nor as a proxy."""

    code, status = "not_your_task", 403
    text = _("This task is assigned to someone else. Ask them, or let them name you as their proxy.")


class SecondSeat(DomainError):
    """The actor has signed at this step already, for himself or as a proxy (I4)."""

    code, status = "second_seat", 403
    text = _("You have already signed at this step. Another person must fill this seat.")


class OwnTicket(DomainError):
    """The applicant would decide about himself (I3)."""

    code, status = "own_ticket", 403
    text = _("You cannot decide about your own ticket.")


class NotAllowed(DomainError):
    """Seen, but not this person's to do."""

    code, status = "not_allowed", 403
    text = _("You may see this but not do that.")


class TaskAlreadyDecided(DomainError):
    """Somebody was faster; the detail says who and when."""

    code, status = "task_already_decided", 409
    text = _("This task is already decided. Nothing left to do.")


class StaleVersion(DomainError):
    """The ticket changed since it was shown (I5)."""

    code, status = "stale_version", 409
    text = _("The ticket changed since you opened it. Look at it again, then decide.")


class DigestRequired(DomainError):
    """Something would run, and the decision does not say which plan was seen (I5)."""

    code, status = "digest_required", 422
    text = _("This would run something. Look at its plan, and send the digest that was shown with it.")


class OneByOne(DomainError):
    """What would run is of high risk: it is approved on its own page, not together with others (A25)."""

    code, status = "one_by_one", 409
    text = _("What this would run is of high risk. Open the ticket, check its plan, and decide it by itself.")


class WrongState(DomainError):
    """The ticket or task is not in a state that allows this."""

    code, status = "wrong_state", 409
    text = _("That is not possible in the state this is in now.")


class RemindedAlready(DomainError):
    """A reminder every ten minutes is enough."""

    code, status = "reminded_already", 409
    text = _("They were reminded a moment ago.")


class AlreadyRunning(DomainError):
    """The job has started; it can no longer be withdrawn (I17)."""

    code, status = "already_running", 409
    text = _("The job is already running. Cancel the job instead.")


class FixedByParent(DomainError):
    """A sub-ticket's content was approved with its parent's and would change now (I12)."""

    code, status = "fixed_by_parent", 409
    text = _(
        "What this asks for was approved together with the ticket that made it, and would change. "
        "Withdraw it, or have that ticket returned."
    )


class Invalid(DomainError):
    """Something in the request is wrong; `errors` says what and where."""

    code, status = "invalid", 422
    text = _("Some of what you sent is not right. See the errors for what to mend.")

    def __init__(self, errors: list[dict[str, Any]], detail: str = "") -> None:
        super().__init__(detail, errors=errors)


class PlanRefused(Invalid):
    """An automation node cannot be planned from these values."""

    code = "plan_refused"
