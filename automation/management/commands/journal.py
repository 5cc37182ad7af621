"""`manage.py journal`."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from automation.journal import marks
from automation.journal.book import JournalUnusable, book


class Command(BaseCommand):
    """Checks the executor's journal, or begins a new one."""

    help = "Check the executor's journal of begun runs, or begin a new one if it is lost for good."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the sub-commands."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("check", help="report its problems; exit 1 if there are any")
        verbs.add_parser(
            "new", help="begin a new one although jobs have begun under another one; check first that they have ended"
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Begin a new journal if asked, then check it; exit 1 if there are problems."""
        if options["verb"] == "new":
            self._begin()
        problems = list(marks.problems())
        for problem in problems:
            self.stdout.write(f"✕ {problem}")
        if problems:
            sys.exit(1)
        self.stdout.write(f"OK: {book().folder}")

    @staticmethod
    def _begin() -> None:
        if book().path.exists():
            raise CommandError(f"There is a journal in {book().folder}. Move it away first, and keep it.")
        try:
            with book().held():
                pass
        except JournalUnusable as error:
            raise CommandError(str(error)) from error
