"""Cursors for hot statements: prepared once per connection, then only their values are sent.

PostgreSQL spends more time on planning our longest statements than on running them: the one that loads a ticket takes
640 µs as text and 193 µs prepared. The ORM stays on client-side binding: a plan that holds for any value cannot use a
partial index whose condition is a parameter. So in the text of a hot statement
- states and other constants of partial indexes are literals;
- `LIMIT` is a literal, else the plan is made for a tenth of all rows;
- all names are constants.
Values are written as `%(name)s`, as everywhere, and turned into `$1 …` once per text: psycopg would do it at each call
for texts above 4 kB.
PostgreSQL is told to plan each once (plan_cache_mode in config/settings/database.py): by its own estimates it would
plan the longest anew at every call. `tests/tickets/test_prepared.py` asks for the plans. Behind pgbouncer nothing is
prepared (see BATON_PGBOUNCER).
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from functools import lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.utils import CursorDebugWrapper, CursorWrapper
from django.db.models.expressions import RawSQL
from psycopg import RawCursor
from psycopg.types.numeric import Int8

Values = Mapping[str, Any] | Sequence[Any] | None
INT8 = 2**63
PLACEHOLDER = re.compile(r"%\((\w+)\)s|%s|%%")


class _PreparedCursor(RawCursor[Any]):
    """Binds on the server, and prepares at the first use."""

    def execute(self, query: Any, params: Values = None, **_options: Any) -> "_PreparedCursor":
        text, names = numbered(query)
        values = params if isinstance(params, Mapping) else dict(enumerate(params or ()))
        super().execute(text, [_pinned(values[name]) for name in names], prepare=True)
        return self


class _LoggedWrapper(CursorDebugWrapper):
    """Logs the text of the statement; psycopg does not tell what it has sent of a prepared one."""

    def execute(self, sql: Any, params: Any = None) -> Any:
        with self.debug_sql(sql, params):
            return CursorWrapper.execute(self, sql, params)


def prepared() -> CursorWrapper:
    """A cursor of Django's connection for hot statements, used with `with`. Counted and logged like Django's own."""
    database = connections[DEFAULT_DB_ALIAS]  # not through its proxy, which looks it up for every attribute
    database.ensure_connection()
    cursor = _PreparedCursor(database.connection)
    return (_LoggedWrapper if database.queries_logged else CursorWrapper)(cursor, database)


def in_one_trip(*statements: tuple[str, Values]) -> list[Any]:
    """Run these statements one after the other, sent together; returns the first row of each, or None.

    Each sees what was committed before it began, as if they had been sent one by one. Behind pgbouncer they are.
    """
    database = connections[DEFAULT_DB_ALIAS]
    database.ensure_connection()
    wire = database.connection
    cursors = [prepared() for _statement in statements]
    with database.wrap_database_errors, wire.pipeline() if wire.prepare_threshold is not None else nullcontext():
        for cursor, (text, values) in zip(cursors, statements, strict=True):
            cursor.execute(text, values)
    return [cursor.fetchone() for cursor in cursors]


def selected(text: str, values: Mapping[str, Any]) -> RawSQL:
    """The rows that such a text selects, as a subquery of the ORM: for conditions that both write."""
    return RawSQL(PLACEHOLDER.sub("%s", text), [values[name] for name in PLACEHOLDER.findall(text)])  # noqa: S611 (values are bound)


@lru_cache(maxsize=256)
def numbered(query: str) -> tuple[str, tuple[Any, ...]]:
    """The text with `$1 …` for its values, and the name of each; values without names are named 0, 1 …"""
    names: dict[Any, int] = {}

    def number(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%"
        name = found[1] if found[1] else len(names)
        return f"${names.setdefault(name, len(names) + 1)}"

    return PLACEHOLDER.sub(number, query), tuple(names)


def _pinned(value: Any) -> Any:
    """Integers as int8: psycopg types them by size, and each combination of types would be prepared of its own.

    Larger ones stay as they are (numeric), so that a number that no column holds is not found, instead of failing.
    """
    kind = type(value)  # bool is an int as well
    if kind is int:
        return Int8(value) if -INT8 <= value < INT8 else value
    if kind is list:
        return [Int8(item) if type(item) is int else item for item in value]
    return value
