"""`manage.py org import`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.organisation import import_organisation, read
from config.errors import DomainError


class Command(BaseCommand):
    """The organisation from a file."""

    help = "Import departments, roles and people; run it as often as you like."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One sub-command."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        importing = verbs.add_parser("import", help="create and update from a YAML file; nobody is removed")
        importing.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Import."""
        try:
            done = import_organisation(read(options["file"]))
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error
        except DomainError as error:
            for finding in error.errors or []:
                self.stderr.write(f"{finding['path']}: {finding['message']}")
            raise CommandError(error.detail) from error
        self.stdout.write(", ".join(f"{count} {kind}" for kind, count in done.items()))
