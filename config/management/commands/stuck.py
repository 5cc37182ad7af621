"""`manage.py stuck`."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from config import progress
from config.embedded.watchdog import Watchdog


class Command(BaseCommand):
    """What a timer of the operating system asks, to restart what stands still (F18)."""

    help = "Name the parts that run and do nothing (worker, beat, executor), one a line; exit 1 where there are any."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """The names on standard output, for a machine; why on standard error, for people."""
        now = progress.look()
        trouble = Watchdog.trouble({"progress": now.as_json(), "stuck": now.stuck})
        for part, why in trouble.items():
            self.stdout.write(part)
            self.stderr.write(f"{part}: {why}")
        if trouble:
            sys.exit(1)
