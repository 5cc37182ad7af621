"""One clock for all workers: the database's (F32)."""

from datetime import datetime

from django.db import connection


def db_now() -> datetime:
    """The database's current time, aware."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]
