"""One consistent view of the database for a whole report (F41)."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def snapshot() -> Iterator[None]:
    """Every statement inside sees the rows as they were at the first one, whatever others commit meanwhile.

    Inside a transaction that is already open this adds nothing: what is seen is then its owner's choice.
    """
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield
