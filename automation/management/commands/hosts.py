"""`manage.py hosts import FILE`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from automation.commands.hosts import import_text
from automation.inventory.decoding import read_file
from automation.inventory.parse import READERS, guess
from automation.inventory.problems import Unreadable
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
            text = read_file(file)
            counts, odd = import_text(actor=None, text=text, kind=options["format"] or guess(text, file.name))
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        except Unreadable as error:
            raise CommandError(_lines(file, error.errors)) from error
        except Invalid as error:
            raise CommandError(_lines(file, error.errors or [])) from error
        if odd:
            self.stderr.write(self.style.WARNING(_lines(file, odd)))
        self.stdout.write(", ".join(f"{count} {word}" for word, count in counts.items()))


def _lines(file: Path, found: list[dict[str, Any]]) -> str:
    return "\n".join(": ".join(part for part in (str(file), each["path"], each["message"]) if part) for each in found)
