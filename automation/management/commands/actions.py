"""`manage.py actions list|check|sync|release|withdraw`."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from automation.actions import releasing, sync
from automation.actions.files import SHORT
from automation.actions.git import shown
from automation.actions.library import library
from automation.actions.problems import Finding
from automation.actions.source_tree import SourceUnusable
from automation.models import ActionVersion
from common.errors import DomainError

NO_SOURCE = "Name a folder or repository, or set BATON_ACTIONS_SOURCE (docs/actions.md)."


class Command(BaseCommand):
    """Manages the actions of this installation and of a team's own repository."""

    help = "List actions; check or store those of a folder or git repository; release and withdraw versions."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the sub-commands."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        listing = verbs.add_parser("list", help="every action, which version of it is used, and what waits for release")
        listing.add_argument(
            "--all", action="store_true", dest="every", help="also versions that are not used any more"
        )
        for verb, words in (("check", "report every mistake with file, line and key; nothing is stored"),
                            ("sync", "store everything, or nothing if there is any mistake")):  # fmt: skip
            looking = verbs.add_parser(verb, help=words)
            looking.add_argument("source", nargs="?", default="", help="default: BATON_ACTIONS_SOURCE")
            looking.add_argument("--ref", default="", help="branch, tag or commit; default: BATON_ACTIONS_REF")
        letting = verbs.add_parser("release", help="let new tickets use a version")
        ending = verbs.add_parser("withdraw", help="let no new ticket use a version")
        for each in (letting, ending):
            each.add_argument("key")
            each.add_argument("version", help="at least its first 12 digits")
            each.add_argument("--note", default="", help="why; needed to withdraw")
        ending.add_argument("--recall", action="store_true", help="approved plans with this version never begin either")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:  # noqa: ARG002
        """Run the sub-command."""
        try:
            getattr(self, f"do_{verb}")(options)
        except SourceUnusable as error:
            raise CommandError(str(error)) from error
        except DomainError as error:
            for finding in error.errors or []:
                self.stderr.write(f"{finding['path']}: {finding['message']}")
            raise CommandError(error.detail) from error

    def do_list(self, options: dict[str, Any]) -> None:
        """Print the versions of all actions."""
        for row in ActionVersion.objects.defer("files").order_by("key", "-found_at"):
            is_used = row.state in (ActionVersion.State.RELEASED, ActionVersion.State.NEW)
            if is_used or options["every"]:
                where = f"{row.source}@{row.commit[:SHORT]}" if row.commit else row.source
                state = "recalled" if row.is_recalled else row.state
                self.stdout.write(f"{row.key:32} {row.version[:SHORT]}  {state:10}  {where}")

    def do_check(self, options: dict[str, Any]) -> None:
        """Print the findings; exit 1 if there are any."""
        seen = self._inspect(options)
        self.stdout.write(f"OK: {len(seen.actions)} actions{_at(seen)}")

    def do_sync(self, options: dict[str, Any]) -> None:
        """Store new versions."""
        seen = self._inspect(options)
        sync.store(seen, self._source(options)[0])
        library().shelf.forget()
        for found in seen.fresh:
            self.stdout.write(f"new: {found['key']} {found['version'][:SHORT]}")
        for key in seen.gone:
            self.stderr.write(
                f"gone: {key} no longer exists there and stays released; withdraw it if it should not be used"
            )
        self.stdout.write(f"{len(seen.actions)} actions{_at(seen)}, {len(seen.fresh)} new versions wait for release")

    def do_release(self, options: dict[str, Any]) -> None:
        """Let new tickets use a version."""
        row = releasing.release(key=options["key"], version=options["version"], note=options["note"], actor=None)
        self.stdout.write(f"{row.key} {row.version[:SHORT]} is released")

    def do_withdraw(self, options: dict[str, Any]) -> None:
        """Let no new ticket use a version."""
        given = {name: options[name] for name in ("key", "version", "note", "recall")}
        row = releasing.withdraw(**given, actor=None)
        self.stdout.write(f"{row.key} {row.version[:SHORT]} is {'recalled' if row.is_recalled else 'withdrawn'}")

    def _source(self, options: dict[str, Any]) -> tuple[str, str]:
        source = options["source"] or settings.ACTIONS_SOURCE
        if not source:
            raise CommandError(NO_SOURCE)
        if Path(source).is_dir():
            source = str(Path(source).resolve())
        return source, options["ref"] or settings.ACTIONS_REF

    def _inspect(self, options: dict[str, Any]) -> sync.Seen:
        source, ref = self._source(options)
        seen = sync.inspect(source, ref)
        if seen.findings:
            self._say(seen.findings)
            self.stderr.write(f"{shown(source)}: {len(seen.findings)} mistakes; nothing was stored")
            sys.exit(1)
        return seen

    def _say(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self.stdout.write(str(finding))


def _at(seen: sync.Seen) -> str:
    return f" at commit {seen.commit[:SHORT]}" if seen.commit else ""
