"""Counting what is asked of the database: the number is the promise, so that growth turns red."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext

NOISE = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements of this block, once it has ended; savepoints left out, which only tests have."""
    found: list[str] = []
    with CaptureQueriesContext(connection) as context:
        yield found
    found += [query["sql"] for query in context.captured_queries if not query["sql"].startswith(NOISE)]
