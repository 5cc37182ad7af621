"""The heartbeat of a running job: stores new results and tells the worker whether to continue."""

from collections.abc import Mapping
from enum import Enum

from django.db import transaction
from django.db.models.functions import Now

from automation.executors.base import HostResult
from automation.jobs.log import append
from automation.jobs.results import store_hosts
from automation.models import Job
from automation.states import JobState


class PulseReply(Enum):
    """The answer to the worker."""

    GO_ON = "go on"
    CANCEL = "a person asked for the end"
    PAUSE = "a person asked to stand after this batch"
    FENCED = "the job is no longer this worker's"


@transaction.atomic
def pulse(job_id: int, attempt: int, text: str, hosts: Mapping[str, HostResult]) -> PulseReply:
    """Renew the lease of this attempt and store its new results, unless the job no longer belongs to it (F30)."""
    mine = Job.objects.select_for_update().filter(pk=job_id, attempt=attempt, state=JobState.RUNNING)
    job = mine.first()
    if job is None:
        return PulseReply.FENCED
    Job.objects.filter(pk=job_id).update(heartbeat_at=Now())
    if text:
        append(job, text)
    store_hosts(job, hosts)
    if job.cancel_requested_at:
        return PulseReply.CANCEL
    return PulseReply.PAUSE if job.pause_requested_at else PulseReply.GO_ON
