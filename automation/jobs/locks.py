"""Locks between jobs: only one changing job runs on a host at once, and an action may limit its running jobs.

There is no table of locks. A running job holds its hosts because it runs (a manual job too), and releases them in the
transaction that ends, pauses or loses it, so a crash leaves no lock behind. If another system did the work and the
result of a host is unknown, something may still run there: the job keeps that host (`holds_hosts`) until a late result
arrives, or an operator has checked the host and resolves the job.
Read-only actions hold no host and wait for none; dry runs are not jobs.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from automation.actions.library import library
from automation.executors import TRACED
from automation.models import Job
from automation.plans.preview import steps_of

PUT_OFF_S = 45  # how long a job that could not start because its system was unreachable does not block others

STEPS = """
SELECT id, ARRAY(SELECT step ->> 'action' FROM jsonb_array_elements(steps) AS step),
       ARRAY(SELECT step ->> 'version' FROM jsonb_array_elements(steps) AS step)
  FROM (SELECT job.id, own || jsonb_path_query_array(own, '$[*].health_check') AS steps
          FROM automation_job job
          JOIN tickets_contentversion content ON content.id = job.content_id
         CROSS JOIN LATERAL (SELECT content.plans -> job.node AS plan) AS its
         CROSS JOIN LATERAL (SELECT CASE WHEN job.is_rollback THEN jsonb_build_array(plan -> 'rollback')
                                         WHEN jsonb_typeof(plan -> 'stages') = 'array' THEN plan -> 'stages'
                                         ELSE jsonb_build_array(plan) END AS own) AS those
         WHERE job.id = ANY(%(jobs)s)) AS run"""

# Jobs before mine: running jobs, and older waiting jobs of the same site that could start now.
BEFORE = """(other.state = 'running' OR (
       %(queued)s AND other.state = 'waiting' AND other.id < mine.id AND other.site = mine.site
       AND (other.not_before IS NULL OR other.not_before <= clock_timestamp())
       AND other.expires_at > clock_timestamp()
       AND (other.put_off_at IS NULL OR other.put_off_at < clock_timestamp() - %(put_off)s * interval '1 s')))"""
SAME_HOSTS = f"""
SELECT mine.id, other.id, other.state = 'running', min(theirs.name), NOT bool_or{BEFORE}
  FROM automation_job mine
  JOIN automation_job other ON other.id <> mine.id AND (other.holds_hosts OR {BEFORE})
  JOIN automation_jobhost its ON its.job_id = mine.id AND (mine.only IS NULL OR jsonb_exists(mine.only, its.name))
  JOIN automation_jobhost theirs ON theirs.job_id = other.id AND theirs.name = its.name
       AND ((other.holds_hosts AND theirs.status = 'unknown')
            OR ((other.only IS NULL OR jsonb_exists(other.only, theirs.name)) AND {BEFORE}))
 WHERE mine.id = ANY(%(jobs)s)
 GROUP BY mine.id, other.id
 ORDER BY mine.id, 3 DESC, other.id"""  # noqa: S608 (of constants)
SAME_ACTION = f"""
SELECT mine.id, other.id, other.state = 'running', '', FALSE
  FROM automation_job mine JOIN automation_job other ON other.id <> mine.id AND {BEFORE}
 WHERE mine.id = ANY(%(jobs)s) AND (other.state = 'running' OR other.action = ANY(%(keys)s))
 ORDER BY mine.id, 3 DESC, other.id"""  # noqa: S608 (of constants)


@dataclass(frozen=True)
class Needs:
    """What a job needs exclusively. is_changing: its hosts. limits: action key → how many jobs of it may run at once.

    keys: the keys of all its actions.
    """

    is_changing: bool
    limits: Mapping[str, int]
    keys: Collection[str]

    @property
    def anything(self) -> bool:
        """Whether the job can ever have to wait for another one."""
        return self.is_changing or bool(self.limits)


@dataclass(frozen=True)
class Wait:
    """One job that another job waits for, because of a host or an action.

    is_running: it runs; otherwise it waits too and is older. is_held: it has ended, but the result of this host is
    unknown.
    """

    job: int
    is_running: bool
    host: str = ""
    action: str = ""
    is_held: bool = False


def needs_of(steps: Collection[tuple[str | None, str | None]]) -> Needs:
    """The needs of a run of these (action, version) pairs. An action that is not stored here counts as changing."""
    found = [library().action(key, version) if key and version else None for key, version in steps]
    limits = {action.key: action.concurrency for action in found if action and action.concurrency}
    is_changing = any(action is None or not action.is_read_only for action in found)
    return Needs(is_changing, limits, {key for key, _version in steps if key})


def waits(jobs: Collection[int], *, queued: bool = True) -> dict[int, list[Wait]]:
    """Job → the jobs that it has to wait for, running ones first. Jobs that could start now are not in the result.

    queued: also wait for older jobs that could start now, so that the oldest starts first. At most four queries.
    """
    needs = _needs(jobs)
    changing = [job for job in jobs if job in needs and needs[job].is_changing]
    limited = [job for job in jobs if job in needs and needs[job].limits]
    keys = sorted({key for job in limited for key in needs[job].limits})
    by_host = _pairs(SAME_HOSTS, changing, queued=queued)
    by_action = _pairs(SAME_ACTION, limited, queued=queued, keys=keys)
    others = _needs({pair[1] for pair in (*by_host, *by_action)})
    found: dict[int, list[Wait]] = defaultdict(list)
    for job, other, runs, host, is_held in by_host:
        if other in others and others[other].is_changing:
            found[job].append(Wait(other, runs, host=host, is_held=is_held))
    for job in limited:
        for key, limit in needs[job].limits.items():
            same = [pair for pair in by_action if pair[0] == job and pair[1] in others and key in others[pair[1]].keys]
            if len(same) >= limit:
                found[job] += [Wait(other, runs, action=key) for _job, other, runs, _host, _held in same]
    return dict(found)


def may_go_on(job: Job) -> bool:
    """Whether another system does this job's changes, so that they may continue after its worker is gone."""
    plan = job.content.plans[job.node]
    steps = [plan["rollback"]] if job.is_rollback else steps_of(plan)
    changes = needs_of([(step["action"], step["version"]) for step in steps]).is_changing
    return changes and any(step["executor"] in TRACED for step in steps)


def _needs(jobs: Collection[int]) -> dict[int, Needs]:
    if not jobs:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(STEPS, {"jobs": list(jobs)})
        return {job: needs_of(list(zip(keys, versions, strict=True))) for job, keys, versions in cursor.fetchall()}


def _pairs(
    statement: str, jobs: Collection[int], *, queued: bool, keys: Collection[str] = ()
) -> list[tuple[int, int, bool, str, bool]]:
    if not jobs:
        return []
    with connection.cursor() as cursor:
        asked: dict[str, Any] = {"jobs": list(jobs), "queued": queued, "keys": list(keys), "put_off": PUT_OFF_S}
        cursor.execute(statement, asked)
        return cursor.fetchall()
