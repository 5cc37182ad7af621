"""Executors per site: the executors of each site run the jobs of its hosts, from their own queue.

The site is in the signed plan and in the job's row; an executor's own site is BATON_SITE, "" for the main one. Beat
sends a task to every site each 15 seconds; taking it from the queue is the executor's heartbeat.
"""

from collections.abc import Collection

from django.conf import settings
from django.db import connection

from automation.models import Host, Job
from common import doorbell
from config.progress import LIMIT_S
from config.pulses import EXECUTOR, at_site

QUEUE = "automation"
SIGNS = """
SELECT site FROM unnest(%s::text[], %s::text[]) AS asked (site, pulse)
 WHERE NOT EXISTS (SELECT FROM config_pulse
                    WHERE name = pulse AND at BETWEEN clock_timestamp() - %s * interval '1 s'
                                                  AND clock_timestamp() + interval '5 s')
   AND NOT EXISTS (SELECT FROM automation_job
                    WHERE state = 'running' AND automation_job.site = asked.site
                      AND heartbeat_at BETWEEN clock_timestamp() - %s * interval '1 s'
                                           AND clock_timestamp() + interval '5 s')
"""


def queue_of(site: str) -> str:
    """The queue that the executors of a site take from."""
    return f"{QUEUE}.{site}" if site else QUEUE


def is_mine(job: Job) -> bool:
    """Whether this process is an executor of the job's site."""
    return job.site == settings.SITE


def ring(job: Job) -> None:
    """After commit, wake an executor of the job's site."""
    if job.site:
        doorbell.ring_at(queue_of(job.site), "automation.run", job.pk)
    else:
        doorbell.ring("automation.run", job.pk)


def ring_all() -> None:
    """Request a heartbeat from the executors of all sites, except the main one, which beat asks directly."""
    hosts = Host.objects.filter(is_active=True).values_list("site", flat=True)
    jobs = Job.objects.filter(state__in=["waiting", "running"]).values_list("site", flat=True)
    for site in sorted({*hosts.distinct(), *jobs.distinct()} - {""}):
        doorbell.ring_at(queue_of(site), EXECUTOR)


def silent(sites: Collection[str]) -> set[str]:
    """The sites among these without a recent heartbeat of an executor or a running job, by the database's clock."""
    asked = sorted(set(sites))
    if not asked:
        return set()
    pulses = [at_site(site) if site else EXECUTOR for site in asked]
    with connection.cursor() as cursor:
        cursor.execute(SIGNS, [asked, pulses, LIMIT_S, LIMIT_S])
        return {site for (site,) in cursor.fetchall()}
