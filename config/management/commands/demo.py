"""`manage.py demo load`."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from demo import load


class Command(BaseCommand):
    """The demo organisation."""

    help = "Load the demo organisation, hosts and templates; run it as often as you like."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the subcommand."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("load", help="create what is missing")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Load, unless the installation is public: the demo passwords are known to everybody."""
        if settings.IS_PUBLIC:
            why = "everybody knows the passwords of the demonstration"
            raise CommandError(f"{settings.BATON_URL} is an installation: {why}")
        self.stdout.write(load())
