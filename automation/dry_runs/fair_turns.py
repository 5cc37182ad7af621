"""Which dry run comes next: each person in turn, and only a limited number per person and minute (A47).

Dry runs need no approval, so somebody who submits fifty tickets has fifty dry runs waiting; other people's must not
wait behind them. A dry run belongs to its ticket's applicant, or to the person who asked for the repeat. Second dry
runs come first and are not counted: their jobs are approved.
"""

from collections.abc import Collection

from django.conf import settings
from django.db import connection

from automation.models.dry_run import DryRun

# Times are the database's; a start in the future means that the clock was set back later (F32).
NEXT = """
WITH begun AS (
    SELECT coalesce(dry_run.asked_by_id, ticket.applicant_id) AS person, max(started_at) AS last,
           count(*) FILTER (
               WHERE purpose <> 'recheck' AND started_at > clock_timestamp() - interval '1 minute'
           ) AS lately
    FROM automation_dryrun dry_run JOIN tickets_ticket ticket ON ticket.id = dry_run.ticket_id
    WHERE started_at BETWEEN clock_timestamp() - interval '1 hour' AND clock_timestamp() + interval '5 s'
    GROUP BY person
)
SELECT dry_run.id
FROM automation_dryrun dry_run
JOIN tickets_ticket ticket ON ticket.id = dry_run.ticket_id
LEFT JOIN begun ON begun.person = coalesce(dry_run.asked_by_id, ticket.applicant_id)
WHERE dry_run.state = 'waiting' AND dry_run.site = %(site)s AND dry_run.id <> ALL(%(but)s)
  AND (dry_run.purpose = 'recheck' OR coalesce(begun.lately, 0) < %(most)s)
  AND (%(only)s::bigint IS NULL OR dry_run.id = %(only)s)
ORDER BY dry_run.purpose <> 'recheck', begun.last NULLS FIRST, dry_run.id
LIMIT 1
"""


def next_waiting(but: Collection[int] = ()) -> int | None:
    """The next dry run for this site; None if no waiting one may begin. but: ids to leave out."""
    return _first(but=list(but), only=None)


def may_begin(row: DryRun) -> bool:
    """Whether this waiting dry run is within its person's limit per minute."""
    return row.purpose == DryRun.Purpose.RECHECK or _first(but=[], only=row.pk) is not None


def _first(*, but: list[int], only: int | None) -> int | None:
    values = {"site": settings.SITE, "but": but, "only": only, "most": settings.QUOTAS["runs"]}
    with connection.cursor() as cursor:
        cursor.execute(NEXT, values)
        row = cursor.fetchone()
    return row[0] if row else None
