"""Count database statements: the number is part of the test, so an increase fails."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext

from automation.actions.library import library

NOISE = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements of this block, available after it ends; without savepoints, which only tests have.

    The process reads the released actions every two seconds; this is done here first, so that it is not counted.
    """
    library().shelf.released()
    found: list[str] = []
    with CaptureQueriesContext(connection) as context:
        yield found
    found += [query["sql"] for query in context.captured_queries if not query["sql"].startswith(NOISE)]
