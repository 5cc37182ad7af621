"""Jobs whose external system (such as Salt) cannot be reached now: they wait while their approval is valid (F27)."""

import logging

from django.db import transaction
from django.db.models.functions import Now

from automation.actions.document import Action
from automation.actions.library import library
from automation.credentials import Unusable, hand_over
from automation.executors import WHY_UNREACHABLE
from automation.jobs.log import append
from automation.models import Job
from automation.states import JobState

logger = logging.getLogger("baton.automation")
WAITING = "Waiting: "


def why_unreachable(action: Action | None) -> str:
    """Why the action's external system cannot be reached now, tried with the action's log-in; "" if it can.

    An unusable credential is no reason to wait: the start rejects the job and says why.
    """
    if action is None or action.executor not in WHY_UNREACHABLE:
        return ""
    try:
        return WHY_UNREACHABLE[action.executor](hand_over(action.credentials))
    except Unusable:
        return ""


def has_to_wait(job_id: int) -> bool:
    """Whether a waiting job cannot start because its external system is unreachable. The log says so the first time.

    The row's action decides only which system is tried here: the claim checks the row against the plan.
    """
    job = Job.objects.filter(pk=job_id, state=JobState.WAITING).only("action").first()
    action = library().action(job.action) if job else None
    reason = why_unreachable(action)
    if reason:
        logger.warning("job.waits", extra={"job": job_id, "reason": reason})
        Job.objects.filter(pk=job_id, state=JobState.WAITING).update(put_off_at=Now())
        _say(job_id, f"{WAITING}{reason}\n")
    return bool(reason)


@transaction.atomic
def _say(job_id: int, text: str) -> None:
    job = Job.objects.select_for_update().filter(pk=job_id, state=JobState.WAITING).first()
    last = job.log.order_by("-start").values_list("text", flat=True).first() if job else None
    if job is not None and not (last or "").rstrip("\n").rpartition("\n")[2].startswith(WAITING):
        append(job, text, ours=True)
