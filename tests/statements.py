"""Count database statements and round trips: the number is part of the test, so an increase fails."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from psycopg.pq import Trace

from automation.actions.library import library

NOISE = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")
READY = re.compile(r"^B\t\S+\tReadyForQuery.*\n", re.MULTILINE)
SENT = re.compile(r"^F\t[^\n]*\n(?:(?![FB]\t)[^\n]*\n)*", re.MULTILINE)  # a text may have several lines
PREPARATION = re.compile(r"F \S+ Parse (?:(?!\nF ).)*\nF 4 Sync\n", re.DOTALL)


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


@contextmanager
def trips() -> Iterator[list[str]]:
    """The round trips to PostgreSQL of this block, as libpq writes them down; available after it ends.

    A trip ends when the server is ready for more, whatever was sent: BEGIN, COMMIT, savepoints and what the pool sends
    are trips as well, several statements sent in a pipeline are one. Where tests run inside a transaction (`world`),
    savepoints stand for BEGIN and COMMIT. The connection is given back to the pool first, outside of a transaction.
    """
    library().shelf.released()
    connection.ensure_connection()
    with TemporaryFile("w+") as file:
        pooled: Any = connection.pool  # type: ignore[attr-defined]
        wires = [each.pgconn for each in (connection.connection, *pooled._pool)]
        for wire in wires:
            wire.trace(os.dup(file.fileno()))
            wire.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS)
        if not connection.in_atomic_block:
            connection.close()
        found: list[str] = []
        try:
            yield found
        finally:
            for wire in wires:
                wire.untrace()
            file.seek(0)
            found += _between_answers(file.read())


def _between_answers(text: str) -> list[str]:
    """What was sent before each `ReadyForQuery`; the preparation of a statement is left out, it happens once."""
    sent = ("".join(SENT.findall(part)).replace("\t", " ") for part in READY.split(text))
    return [trip for trip in sent if trip and not PREPARATION.fullmatch(trip)]
