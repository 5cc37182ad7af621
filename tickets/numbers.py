"""Numbers and ids of new tickets."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from common.prepared import prepared

DEFAULT_PREFIX = "REQ"
NEXT = """
SELECT nextval('tickets_number_seq'), nextval(pg_get_serial_sequence('tickets_ticket', 'id')),
       nextval(pg_get_serial_sequence('tickets_contentversion', 'id'))
FROM generate_series(1, %s)
"""
NewIds = tuple[str, int, int]


def new_ids(prefix: str, at: datetime) -> NewIds:
    """Return (number, ticket id, content id) for a new ticket, in one statement.

    The number is `<prefix>-<YYYYMMDD>-<4+ digits>`, with the day in the company's time zone. The digits come from a
    database sequence, so there may be gaps.
    """
    return ids_for([prefix], at)[0]


def ids_for(prefixes: Sequence[str], at: datetime) -> list[NewIds]:
    """The same for several new tickets, still in one statement; the numbers increase in order."""
    with prepared() as cursor:
        cursor.execute(NEXT, [len(prefixes)])
        rows = cursor.fetchall()
    day = timezone.localtime(at, timezone.get_default_timezone())
    return [
        (f"{prefix}-{day:%Y%m%d}-{count:04d}", ticket_id, content_id)
        for prefix, (count, ticket_id, content_id) in zip(prefixes, rows, strict=True)
    ]
