"""The results of a job's hosts, stored with one SQL statement for any number of hosts."""

from collections.abc import Mapping
from dataclasses import replace

from django.db import connection

from automation.actions.batches import batch_numbers
from automation.executors.base import HostResult
from automation.models import Job, JobHost
from automation.models.job import DONE, TOUCHING, HostStatus

STORE = """
UPDATE automation_jobhost SET status = news.status, changed = news.changed, message = news.message,
       touched = (touched OR news.changed OR news.status = ANY(%s)) AND news.status <> 'rolled_back'
  FROM unnest(%s::text[], %s::text[], %s::boolean[], %s::text[]) AS news (name, status, changed, message)
 WHERE job_id = %s AND automation_jobhost.name = news.name"""
NUMBER = """
UPDATE automation_jobhost SET batch = news.batch
  FROM (SELECT host.id, given.batch
          FROM automation_jobhost host
          LEFT JOIN unnest(%s::text[], %s::smallint[]) AS given (name, batch) ON given.name = host.name
         WHERE host.job_id = %s) AS news
 WHERE automation_jobhost.id = news.id"""


def store_hosts(job: Job, hosts: Mapping[str, HostResult]) -> None:
    """Store the results of these hosts. Unknown hosts are ignored.

    In a rollback, hosts that are done get the status `rolled_back`.
    """
    if not hosts:
        return
    results = [_taken_back(result) if job.is_rollback else result for result in hosts.values()]
    columns = (
        list(hosts),
        [str(result.status) for result in results],
        [result.changed for result in results],
        [result.message for result in results],
    )
    with connection.cursor() as cursor:
        cursor.execute(STORE, [sorted(TOUCHING), *columns, job.pk])


def _taken_back(result: HostResult) -> HostResult:
    return replace(result, status=HostStatus.ROLLED_BACK) if result.status in DONE else result


def number_batches(job: Job) -> None:
    """Store the batch of each host in the next run of this locked job, for display."""
    batches = batch_numbers(job.content.plans[job.node], job.only)
    with connection.cursor() as cursor:
        cursor.execute(NUMBER, [list(batches), list(batches.values()), job.pk])


def statuses(job: Job) -> dict[str, str]:
    """Host → its current status."""
    return dict(JobHost.objects.filter(job=job.pk).order_by("pk").values_list("name", "status"))


def leave(job: Job) -> None:
    """Set the waiting hosts of this locked job to `not_reached`."""
    JobHost.objects.filter(job=job.pk, status=HostStatus.WAITING).update(status=HostStatus.NOT_REACHED)
