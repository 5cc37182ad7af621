"""The heartbeat of a running job: it carries the news in and brings back whether to go on."""

from collections.abc import Mapping
from enum import Enum

from django.db import transaction
from django.db.models.functions import Now

from automation.commands.log import append
from automation.executors.base import HostResult
from automation.models import Job, JobHost
from automation.states import JobState


class Word(Enum):
    """What the worker is told."""

    GO_ON = "go on"
    CANCEL = "a person asked for the end"
    FENCED = "the job is no longer this worker's"


@transaction.atomic
def pulse(job_id: int, attempt: int, text: str, hosts: Mapping[str, HostResult]) -> Word:
    """Renew the lease of this attempt and store its news, unless the job was taken away (F30)."""
    mine = Job.objects.select_for_update().filter(pk=job_id, attempt=attempt, state=JobState.RUNNING)
    job = mine.first()
    if job is None:
        return Word.FENCED
    Job.objects.filter(pk=job_id).update(heartbeat_at=Now())
    if text:
        append(job, text)
    store_hosts(job_id, hosts)
    return Word.CANCEL if job.cancel_requested_at else Word.GO_ON


def store_hosts(job_id: int, hosts: Mapping[str, HostResult]) -> None:
    """Write the results of these hosts; a name that is not one of the job's is nobody's."""
    for name, result in hosts.items():
        JobHost.objects.filter(job=job_id, name=name).update(
            status=result.status, changed=result.changed, message=result.message
        )
