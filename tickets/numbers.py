"""Numbers and ids of new tickets."""

from datetime import datetime

from django.db import connection
from django.utils import timezone

DEFAULT_PREFIX = "REQ"
NEXT = """
SELECT nextval('tickets_number_seq'), nextval(pg_get_serial_sequence('tickets_ticket', 'id')),
       nextval(pg_get_serial_sequence('tickets_contentversion', 'id'))
"""


def new_ids(prefix: str, at: datetime) -> tuple[str, int, int]:
    """(number, ticket id, content id) of a new ticket, in one statement.

    The number is `<prefix>-<YYYYMMDD>-<4+ digits>`, the day the company's; from a sequence: no gaps promised.
    """
    with connection.cursor() as cursor:
        cursor.execute(NEXT)
        count, ticket_id, content_id = cursor.fetchone()
    day = timezone.localtime(at, timezone.get_default_timezone())
    return f"{prefix}-{day:%Y%m%d}-{count:04d}", ticket_id, content_id
