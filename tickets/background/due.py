"""Timers that are due, as the sweep reads them: without a lock, oldest first, in pages."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from common.prepared import prepared

FIRST = "-infinity", 0
# A page is sorted once and fired in several batches: all timers of a company can be due at the same instant.
DUE = """
SELECT t.due_at::text, t.id, t.kind, t.visit_id, v.node, v.ticket_id, k.template_version_id
FROM (
    SELECT id, due_at, kind, visit_id FROM tickets_timer
    WHERE fired_at IS NULL AND due_at <= coalesce(%(at)s::timestamptz, statement_timestamp())
      AND (due_at, id) > (%(moment)s::timestamptz, %(last)s)
    ORDER BY due_at, id LIMIT 5000
) AS t JOIN tickets_nodevisit v ON v.id = t.visit_id JOIN tickets_ticket k ON k.id = v.ticket_id
ORDER BY t.due_at, t.id
"""


class Due(NamedTuple):
    """One timer that is due. due_at: as the database writes it, to ask for the next page; node: of its visit; version:
    the id of the ticket's template version.
    """

    due_at: str
    id: int
    kind: str
    visit: int
    node: str
    ticket: int
    version: int


def pages(at: datetime | None) -> Iterator[list[Due]]:
    """Every timer that is due at this time, each once; at: None for now, by the database's clock."""
    moment, last = FIRST
    while page := _page(at, moment, last):
        yield page
        moment, last, *_rest = page[-1]


def _page(at: datetime | None, moment: str, last: int) -> list[Due]:
    with prepared() as cursor:
        cursor.execute(DUE, {"at": at, "moment": moment, "last": last})
        return [Due(*row) for row in cursor.fetchall()]
