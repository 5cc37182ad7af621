"""`manage.py template check|import|export`."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.errors import DomainError
from templates_engine import commands, queries
from templates_engine.mermaid import diagram


class Command(BaseCommand):
    """Templates from files."""

    help = "Check, import or export a template."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One sub-command each."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        check = verbs.add_parser("check", help="say every error of a file with its place; nothing is stored")
        check.add_argument("file", type=Path)
        check.add_argument("--mermaid", action="store_true", help="print the chain as a diagram")
        importing = verbs.add_parser("import", help="store a file as the next version")
        importing.add_argument("file", type=Path)
        importing.add_argument("--publish", action="store_true", help="offer it from now on")
        export = verbs.add_parser("export", help="write a version's document, byte for byte")
        export.add_argument("key")
        export.add_argument("--version", type=int, dest="number")
        export.add_argument("--out", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Run the sub-command."""
        try:
            getattr(self, "do_" + options["verb"])(options)
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error
        except DomainError as error:
            for finding in error.errors or []:
                self.stderr.write(f"{finding['path'] or '(document)'}: {finding['message']} [{finding['code']}]")
            raise CommandError(error.detail) from error

    def do_check(self, options: dict[str, Any]) -> None:
        """Print findings; exit 1 where there are errors."""
        found = commands.check(options["file"].read_bytes())
        for finding in (*found.errors, *found.warnings):
            row = finding.render()
            self.stdout.write(f"{row['path'] or '(document)'}: {row['message']} [{row['code']}]")
        if not found.ok:
            sys.exit(1)
        self.stdout.write(f"OK: {options['file']}")
        if options["mermaid"] and found.document:
            self.stdout.write(diagram(found.document))

    def do_import(self, options: dict[str, Any]) -> None:
        """Store a version."""
        version = commands.import_file(options["file"], at=timezone.now(), publish_it=options["publish"])
        self.stdout.write(f"{version.template.key} v{version.number} ({version.state})")

    def do_export(self, options: dict[str, Any]) -> None:
        """Write a version's source."""
        source = queries.version_of(options["key"], options["number"]).source
        if options["out"]:
            options["out"].write_bytes(source.encode())
        else:
            sys.stdout.write(source)
