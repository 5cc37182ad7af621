"""`manage.py template check|import|export|diff|replay`."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from common.errors import DomainError, Problem
from templates_engine.compare import replay
from templates_engine.compare.diff import compare
from templates_engine.parts import Document
from templates_engine.program.diagram import diagram
from templates_engine.store import commands, queries


class Command(BaseCommand):
    """Commands for templates."""

    help = "Check, import, export, compare or replay a template."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the sub-commands."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        check = verbs.add_parser("check", help="report every error of a file with its place; nothing is stored")
        check.add_argument("file", type=Path)
        check.add_argument("--no-mermaid", action="store_true", help="do not print the chain as a diagram")
        importing = verbs.add_parser("import", help="store a file as the next version")
        importing.add_argument("file", type=Path)
        importing.add_argument("--publish", action="store_true", help="offer it from now on")
        export = verbs.add_parser("export", help="write a version's document, byte for byte")
        export.add_argument("key")
        export.add_argument("--version", type=int, dest="number")
        export.add_argument("--out", type=Path)
        diff = verbs.add_parser("diff", help="say what changed between two versions, or the published one and a file")
        diff.add_argument("key")
        diff.add_argument(
            "sides",
            nargs="+",
            metavar="VERSION|FILE",
            help="two versions: old and new; a single one is the new version",
        )
        again = verbs.add_parser("replay", help="list the past tickets whose chain a new version would change")
        again.add_argument("key")
        again.add_argument("--last", type=int, default=200, metavar="N", help="number of tickets, newest first")
        new = again.add_mutually_exclusive_group()
        new.add_argument("--file", type=Path, help="a document that is not stored yet")
        new.add_argument("--version", type=int, dest="number", help="a stored version; default: the newest")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Run the sub-command."""
        try:
            getattr(self, "do_" + options["verb"])(options)
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error
        except DomainError as error:
            self._say(error.errors or [], self.stderr)
            raise CommandError(error.detail) from error

    def do_check(self, options: dict[str, Any]) -> None:
        """Print findings and the diagram; exit with 1 if there are errors."""
        found = commands.check(options["file"].read_bytes())
        self._say([finding.render() for finding in found.errors], self.stdout)
        self._say([finding.render() for finding in found.warnings], self.stdout, "warning: ")
        if not found.ok:
            sys.exit(1)
        self.stdout.write(f"OK: {options['file']}")
        if found.document and not options["no_mermaid"]:
            self.stdout.write(diagram(found.document))

    def do_import(self, options: dict[str, Any]) -> None:
        """Store a file as the next version and print its number."""
        stored = commands.import_file(options["file"], at=timezone.now(), publish_it=options["publish"])
        version = stored.version
        self._say([finding.render() for finding in stored.warnings], self.stdout, "warning: ")
        self.stdout.write(f"{version.template.key} v{version.number} ({version.state})")

    def do_export(self, options: dict[str, Any]) -> None:
        """Write a version's source to a file or to stdout."""
        source = queries.version_of(options["key"], options["number"]).source
        if options["out"]:
            options["out"].write_bytes(source.encode())
        else:
            self.stdout.write(source, ending="")

    def do_diff(self, options: dict[str, Any]) -> None:
        """Print the changes between two versions."""
        key, sides = options["key"], options["sides"]
        if len(sides) > 2:
            raise CommandError("Compare two versions, or one with the published one.")
        old = queries.version_of(key, None).document if len(sides) == 1 else self._document(key, sides[0])
        for change in compare(old, self._document(key, sides[-1])):
            row = change.render()
            self.stdout.write(f"{row['path']}: {row['message']}")

    def do_replay(self, options: dict[str, Any]) -> None:
        """Print the past tickets whose chain would differ."""
        key, file = options["key"], options["file"]
        new = replay.candidate(key, file.read_bytes()) if file else replay.stored(key, options["number"])
        done = replay.replay(new, options["last"], None)
        for found in done.changed:
            self.stdout.write(found.number)
            if found.before != found.after:
                self.stdout.write(f"  - {_chain(found.before)}\n  + {_chain(found.after)}")
            for change in found.changes:
                self.stdout.write(f"  ~ {change.render()['message']}")
            for finding in found.errors:
                self._say([finding.render()], self.stdout, "  ! ")
        self.stdout.write(f"{len(done.changed)} / {done.checked}")

    @staticmethod
    def _document(key: str, side: str) -> Document:
        """The document of a stored version (by number) or of a file. Raises TemplateRefused, NoSuchTemplate."""
        if side.isdecimal():
            return cast(Document, queries.version_of(key, int(side)).document)
        return replay.candidate(key, Path(side).read_bytes()).document

    @staticmethod
    def _say(findings: Iterable[Problem], out: Any, prefix: str = "") -> None:
        for row in findings:
            out.write(f"{prefix}{row['path'] or '(document)'}: {row['message']} [{row['code']}]")
            if row.get("suggestion"):
                out.write(f"    → {row['suggestion']}")


def _chain(rows: list[dict[str, Any]]) -> str:
    return " → ".join(f"{row['name']} ({', '.join(row['assignees']) or '—'})" for row in rows) or "—"
