"""Record the begin and the end of a run: one statement each, in the transaction that begins or ends it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from psycopg.types.json import Jsonb

from automation.actions.wording import filled
from automation.executors.base import Order
from automation.executors.verdict import RunEnd
from automation.models.audit import AuditMode
from tickets.trail.events import Kind

MODES = {
    Kind.EXECUTION_APPROVED: AuditMode.RUN,
    Kind.JOB_RERUN: AuditMode.RERUN,
    Kind.JOB_RESUMED: AuditMode.RESUME,
    Kind.JOB_ROLLBACK: AuditMode.ROLLBACK,
}

# The row of a run, unless an earlier batch has made it, and the rows of its hosts. `facts`: mode, release, asked_by,
# approved_by.
INSERT = """
, made AS (
INSERT INTO automation_auditrun (job_id, dry_run_id, attempt, stage, mode, release, ticket_id, node, action, version,
       executor, site, params, command, asked_by_id, approved_by, began_at, outcome)
SELECT %(job)s::bigint, %(dry_run)s::bigint, %(attempt)s, %(stage)s, facts.mode, facts.release, %(ticket)s, %(node)s,
       %(action)s, %(version)s, %(executor)s, %(site)s, %(params)s, %(command)s, facts.asked_by, facts.approved_by,
       %(at)s, ''
  FROM facts
    ON CONFLICT DO NOTHING
RETURNING id),
run AS (
SELECT id FROM made
 UNION ALL
SELECT old.id FROM automation_auditrun old, facts
 WHERE old.job_id = %(job)s::bigint AND old.attempt = %(attempt)s AND old.stage = %(stage)s AND old.mode = facts.mode)
INSERT INTO automation_audithost (run_id, host, address, connection, status, began_at)
SELECT run.id, target.name, target.address, target.connection, 'running', %(at)s
  FROM run, unnest(%(names)s::text[], %(addresses)s::text[], %(connections)s::text[])
       AS target (name, address, connection)
    ON CONFLICT DO NOTHING"""

# From the trail: the event that released it, and the decisions of the last approval before that.
BEGIN = """
WITH release AS (
SELECT event.seq, event.kind, event.actor_id, event.data, ticket.applicant_id, event.hash
  FROM tickets_event event JOIN tickets_ticket ticket ON ticket.id = event.ticket_id
 WHERE event.ticket_id = %(ticket)s AND event.hash = %(release)s),
sealed AS (
SELECT event.data FROM tickets_event event, release
 WHERE event.ticket_id = %(ticket)s AND event.kind = 'execution.approved' AND event.seq <= release.seq
   AND event.data->'node' = release.data->'node' AND event.data->'round' = release.data->'round'
 ORDER BY event.seq DESC LIMIT 1),
facts AS (
SELECT CASE WHEN %(is_health_check)s THEN 'health' ELSE coalesce(%(modes)s::jsonb ->> release.kind, 'run') END AS mode,
       release.hash AS release,
       CASE WHEN release.kind = 'execution.approved' THEN release.applicant_id
            ELSE coalesce(release.actor_id, release.applicant_id) END AS asked_by,
       coalesce((SELECT jsonb_agg(DISTINCT person.username)
                   FROM sealed, jsonb_array_elements(sealed.data->'decisions') AS decision
                   JOIN accounts_user person ON person.id = (decision->>'by')::bigint), '[]') AS approved_by
  FROM release)"""
BEGIN_DRY = """
WITH facts AS (
SELECT 'check' AS mode, '' AS release, coalesce(%(asked_by)s::bigint, ticket.applicant_id) AS asked_by,
       '[]'::jsonb AS approved_by
  FROM tickets_ticket ticket WHERE ticket.id = %(ticket)s)"""

# For runs whose host results are known only from the job. A health check changes nothing.
END = """
WITH run AS (
UPDATE automation_auditrun SET ended_at = %(at)s,
       outcome = CASE WHEN attempt < %(attempt)s THEN 'unknown' ELSE %(outcome)s END
 WHERE {which} AND ended_at IS NULL RETURNING id, attempt, mode)
UPDATE automation_audithost host SET ended_at = %(at)s,
       status = CASE WHEN run.attempt < %(attempt)s THEN 'unknown' ELSE coalesce(
                (SELECT CASE WHEN now.status = 'waiting' THEN 'not_reached'
                             WHEN now.status = 'changed' AND run.mode = 'health' THEN 'ok' ELSE now.status END
                   FROM {rows} now WHERE now.{of} = %(of)s AND now.name = host.host), 'unknown') END
  FROM run WHERE host.run_id = run.id AND host.ended_at IS NULL"""
END_JOB = END.format(which="job_id = %(of)s", rows="automation_jobhost", of="job_id")
END_DRY = END.format(
    which="dry_run_id = %(of)s AND attempt <= %(attempt)s", rows="automation_dryrunhost", of="dry_run_id"
)
# For one run whose results the worker reports.
END_ONE = """
WITH run AS (
UPDATE automation_auditrun SET ended_at = %(at)s, outcome = %(outcome)s
 WHERE job_id = %(job)s AND attempt = %(attempt)s AND stage = %(stage)s AND (mode = 'health') = %(is_health_check)s
   AND ended_at IS NULL RETURNING id)
UPDATE automation_audithost host SET ended_at = %(at)s, status = coalesce(
       (SELECT said.status FROM unnest(%(names)s::text[], %(statuses)s::text[]) AS said (name, status)
         WHERE said.name = host.host), 'unknown')
  FROM run WHERE host.run_id = run.id AND host.ended_at IS NULL"""


@dataclass(frozen=True)
class Origin:
    """The job that the runs belong to. release: the hash of the event that released them."""

    job: int
    ticket: int
    node: str
    site: str
    release: str


def begun(origin: Origin, order: Order, at: datetime) -> None:
    """A run of a job begins on these hosts; for a later batch, hosts are added to the existing row."""
    kinds = Jsonb({str(kind): str(mode) for kind, mode in MODES.items()})
    values = {**vars(origin), "dry_run": None, "modes": kinds, "is_health_check": order.is_health_check}
    _run(BEGIN + INSERT, values | _of(order, at))


def dry_begun(
    *, dry_run: int, ticket: int, node: str, site: str, asked_by: int | None, order: Order, at: datetime
) -> None:
    """A try of a dry run begins, or a later stage of it."""
    values = {"job": None, "dry_run": dry_run, "ticket": ticket, "node": node, "site": site, "asked_by": asked_by}
    _run(BEGIN_DRY + INSERT, values | _of(order, at))


def run_ended(*, job: int, attempt: int, run: RunEnd, at: datetime) -> None:
    """This run of a job has ended with this result. A second call changes nothing."""
    names, statuses = list(run.hosts), [str(status) for status in run.hosts.values()]
    _run(
        END_ONE, {"job": job, "attempt": attempt, "stage": run.stage, "is_health_check": run.is_health_check,
                  "outcome": str(run.outcome), "names": names, "statuses": statuses, "at": at}
    )  # fmt: skip


def ended(*, job: int, attempt: int, outcome: str, at: datetime) -> None:
    """All open runs of this job have ended; host results come from the job's rows. A second call changes nothing."""
    _run(END_JOB, {"of": job, "attempt": attempt, "outcome": str(outcome), "at": at})


def dry_ended(*, dry_run: int, attempt: int, outcome: str, at: datetime) -> None:
    """This try of a dry run has ended, and every earlier one too: their workers are gone."""
    _run(END_DRY, {"of": dry_run, "attempt": attempt, "outcome": str(outcome), "at": at})


def _of(order: Order, at: datetime) -> dict[str, object]:
    targets = order.targets
    return {
        "attempt": order.attempt, "stage": order.stage, "action": order.action.key, "version": order.version,
        "executor": order.action.executor, "params": Jsonb(order.params),
        "command": Jsonb(filled(order.action.command, order.params)), "at": at,
        "names": [target["name"] for target in targets],
        "addresses": [target["address"] for target in targets],
        "connections": [target["connection"] for target in targets],
    }  # fmt: skip


def _run(statement: str, values: Mapping[str, object]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)  # type: ignore[arg-type]  # psycopg takes times and JSON
