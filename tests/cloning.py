"""One migrated database for all test processes: the first migrates its own and leaves a copy, the others clone it.

Migrating takes longer than most files of tests; cloning takes a moment.
"""

import os
from pathlib import Path

import fasteners
from django.db import connection


class Migrated:
    """The copy, named after this run of pytest-xdist, so that it is never an older one."""

    def __init__(self, run: str) -> None:
        self.name = f"test_migrated_{run}"
        home = Path(os.environ["BATON_HOME"]).parent  # the folder of this process is inside that of the whole run
        self._lock = fasteners.InterProcessLock(home / "migrated.lock")
        self._is_ours = False

    def clone_or_wait(self) -> None:
        """Let this process's database be made from the copy. If there is none, go first: others wait for `offer`."""
        self._lock.acquire()
        with connection._nodb_cursor() as cursor:
            cursor.execute("SELECT FROM pg_database WHERE datname = %s", [self.name])
            if cursor.fetchone() is None:
                self._is_ours = True
                return
        self._lock.release()
        connection.settings_dict["TEST"]["TEMPLATE"] = self.name

    def offer(self) -> None:
        """Leave a copy of this process's database, if it is the first."""
        if not self._is_ours:
            return
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]  # nobody may be connected to what is copied
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{self.name}" TEMPLATE "{connection.settings_dict["NAME"]}"')
        self._lock.release()

    def drop(self) -> None:
        """Remove the copy, if this process made it."""
        if self._is_ours:
            with connection._nodb_cursor() as cursor:
                cursor.execute(f'DROP DATABASE IF EXISTS "{self.name}"')
