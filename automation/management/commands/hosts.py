"""`manage.py hosts import FILE`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from automation.commands.hosts import import_text
from automation.inventory.parse import READERS, guess
from tickets.errors import Invalid


class Command(BaseCommand):
    """Brings hosts into the inventory from an Ansible inventory (INI or YAML) or from CSV."""

    help = "hosts import FILE: add and update hosts from an Ansible inventory (INI, YAML) or from CSV."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`import FILE [--format ini|yaml|csv]`."""
        parser.add_argument("verb", choices=["import"])
        parser.add_argument("file", type=Path)
        parser.add_argument("--format", choices=sorted(READERS), help="default: by the file's name or looks")

    def handle(self, *_args: Any, file: Path, **options: Any) -> None:
        """Import all or nothing; every line that cannot be taken is named."""
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{file}: {error}") from error
        try:
            counts = import_text(actor=None, text=text, kind=options["format"] or guess(text, file.name))
        except Invalid as error:
            found = [f"{file}: {e['path']}: {e['message']}" for e in error.errors or []]
            raise CommandError("\n".join(found)) from error
        self.stdout.write(", ".join(f"{count} {word}" for word, count in counts.items()))
