"""`manage.py migrate`: Django's own, beside people at work (F15).

A migration needs a table for itself for a moment. While it waits for one, all who come after it wait as well. So it
waits WAIT_S at most, lets them go on, and tries again. What it has done so far stays, and is not done again.
"""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.core.management.commands import migrate
from django.db import OperationalError, connection

from config import health

WAIT_S, PAUSE_S, TRIES = 2.0, 1.0, 40
BUSY = frozenset({"55P03", "40P01"})  # lock_not_available, deadlock_detected


class Command(migrate.Command):
    """Migrate, and try again where a table is in use."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Django's, and one for `make run`."""
        super().add_arguments(parser)
        parser.add_argument("--if-needed", action="store_true", help="do nothing if all migrations are applied")

    def handle(self, *args: Any, **options: Any) -> None:
        """Apply what is asked for. Raises OperationalError if a table is in use in every try."""
        if options["if_needed"] and health.migrations() == "ok":
            return
        if settings.IS_BEHIND_PGBOUNCER:  # a limit of this session would be everybody's; the role has one (doctor)
            super().handle(*args, **options)
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{WAIT_S}s"])
        for tries_left in reversed(range(TRIES)):
            try:
                super().handle(*args, **options)
                break
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", None) not in BUSY or not tries_left:
                    raise
                self.stderr.write(f"\nA table is in use ({str(error).splitlines()[0]}). Trying again.")
                time.sleep(PAUSE_S)
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")
