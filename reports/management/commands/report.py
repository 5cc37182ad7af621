"""`manage.py report monthly --month 2026-10 --out f.xlsx`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation

from reports.commands.monthly import write_monthly
from reports.errors import BadMonth
from reports.month import Month
from reports.whole_file import whole_file


class Command(BaseCommand):
    """Reports from the command line."""

    help = "Write the workbook of a month."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add one sub-command for each kind of report."""
        kinds = parser.add_subparsers(dest="kind", required=True)
        monthly = kinds.add_parser("monthly", help="every ticket of a month, with its summary, as an Excel workbook")
        monthly.add_argument("--month", help="like 2026-10; default: last month")
        monthly.add_argument("--out", type=Path, help="the file to write; default: baton-<month>.xlsx here")
        monthly.add_argument(
            "--language",
            choices=list(dict(settings.LANGUAGES)),
            default=settings.LANGUAGE_CODE,
            help="of its words",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write the complete file, or say why it cannot be written."""
        with translation.override(options["language"]):
            now = timezone.now()
            try:
                month = Month.parse(options["month"]) if options["month"] is not None else Month.of(now).previous
            except BadMonth as error:
                raise CommandError(f"--month {options['month']}: {error.detail}") from error
            path = options["out"] or Path(month.file_name)
            try:
                with whole_file(path) as file:
                    write_monthly(file, month, now)
            except OSError as error:
                raise CommandError(f"--out {path}: {error.strerror or error}") from error
        self.stdout.write(str(path))
