"""`manage.py stuck`."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from config import progress
from config.trouble import trouble_in


class Command(BaseCommand):
    """For a timer of the operating system that restarts parts that hang (F18)."""

    help = "Print the parts that run but do nothing (worker, beat, executor), one per line; exit 1 if there are any."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Print the names to standard output, for programs, and the reasons to standard error, for people."""
        now = progress.measure()
        trouble = trouble_in({"progress": now.as_json(), "stuck": now.stuck})
        for part, why in trouble.items():
            self.stdout.write(part)
            self.stderr.write(f"{part}: {why}")
        if trouble:
            sys.exit(1)
