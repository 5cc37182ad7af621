"""One SQLite file, one connection, used from one thread."""

import sqlite3
from pathlib import Path
from typing import Any

from sandbox.web.errors import StartError

Row = sqlite3.Row


class Database:
    """A thin layer over sqlite3; each write commits at once, so a killed process loses no answered request."""

    def __init__(self, path: Path | str, schema: str) -> None:
        try:
            self._connection = sqlite3.connect(path, isolation_level=None)
            self._connection.row_factory = Row
            self._connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + schema)
        except sqlite3.Error as error:
            raise StartError(f"cannot use the file {path}: {error}") from error

    def all(self, sql: str, *values: Any) -> list[Row]:
        return self._connection.execute(sql, values).fetchall()

    def one(self, sql: str, *values: Any) -> Row | None:
        row: Row | None = self._connection.execute(sql, values).fetchone()
        return row

    def run(self, sql: str, *values: Any) -> int:
        """Execute one write; return the number of changed rows."""
        return self._connection.execute(sql, values).rowcount

    def insert(self, sql: str, *values: Any) -> int:
        """Execute one INSERT; return the row's id."""
        return self._connection.execute(sql, values).lastrowid or 0

    def many(self, sql: str, rows: list[tuple[Any, ...]]) -> None:
        """Write all rows or none."""
        with self._connection:
            self._connection.execute("BEGIN")
            self._connection.executemany(sql, rows)

    def close(self) -> None:
        self._connection.close()
