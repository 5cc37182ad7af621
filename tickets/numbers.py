"""Numbers and ids of new tickets."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from common.prepared import prepared

DEFAULT_PREFIX = "REQ"
NEXT = """
SELECT nextval('tickets_number_seq') AS number, nextval(pg_get_serial_sequence('tickets_ticket', 'id')) AS ticket,
       nextval(pg_get_serial_sequence('tickets_contentversion', 'id')) AS content
FROM generate_series(1, %(count)s)
"""
NewIds = tuple[str, int, int]  # number, ticket id, content id


def ids_for(prefixes: Sequence[str], at: datetime) -> list[NewIds]:
    """The ids of several new tickets in one statement; the numbers increase in order."""
    with prepared() as cursor:
        cursor.execute(NEXT, {"count": len(prefixes)})
        rows = cursor.fetchall()
    return [dated(prefix, at, *row) for prefix, row in zip(prefixes, rows, strict=True)]


def dated(prefix: str, at: datetime, count: int, ticket_id: int, content_id: int) -> NewIds:
    """The ids of a new ticket, from a row of NEXT.

    The number is `<prefix>-<YYYYMMDD>-<4+ digits>`, with the day in the company's time zone. The digits come from a
    database sequence, so there may be gaps.
    """
    day = timezone.localtime(at, timezone.get_default_timezone())
    return f"{prefix}-{day:%Y%m%d}-{count:04d}", ticket_id, content_id
