"""One consistent view of the database for a whole report (F41)."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def snapshot() -> Iterator[None]:
    """All statements inside see the rows as they were at the first statement, whatever others commit meanwhile.

    Inside an open transaction this changes nothing: the isolation level of that transaction applies.
    """
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield
