"""`manage.py hosts import FILE`, `hosts export`, `hosts list`, `hosts check`."""

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from automation.commands.host_checks import check_now
from automation.commands.importing import Outcome, import_hosts, read_or_refuse
from automation.inventory.export import EXPORTS
from automation.inventory.parse import FORMATS, read_path
from automation.models import Host
from common.errors import Problem
from tickets.errors import Invalid

SHOWN = 50


class Command(BaseCommand):
    """Imports, exports, lists and checks the hosts of the inventory."""

    help = "hosts import FILE | export [--format ini|csv] | list | check NAME …: the inventory."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the sub-commands."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        bring = verbs.add_parser("import", help="add and update hosts from an inventory of Ansible or Salt, CSV, Excel")
        bring.add_argument("file", type=Path)
        bring.add_argument("--format", choices=sorted(FORMATS), help="default: guessed from the file's name or content")
        bring.add_argument("--dry-run", action="store_true", help="only say what would change")
        give = verbs.add_parser("export", help="write the inventory to standard output")
        give.add_argument("--format", choices=sorted(EXPORTS), default="ini")
        show = verbs.add_parser("list", help="one line for each host")
        show.add_argument("--group", help="only hosts of this group")
        ask = verbs.add_parser("check", help="check from this machine whether hosts answer, and store the result")
        ask.add_argument("names", nargs="+")

    def handle(self, *_args: Any, verb: str, **options: Any) -> None:
        """Run the sub-command."""
        getattr(self, f"_{verb}")(**options)

    def _import(self, *, file: Path, **options: Any) -> None:
        """Import all hosts, or none and name every bad line."""
        dry_run = options["dry_run"]
        try:
            found = read_or_refuse(lambda: read_path(file, options["format"]))
            said = {"source": file.name, "format": options["format"] or ""}
            outcome = import_hosts(actor=None, found=found, at=timezone.now(), dry_run=dry_run, said=said)
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        except Invalid as error:
            raise CommandError(_lines(file, error.errors or [])) from error
        if outcome.warnings:
            self.stderr.write(self.style.WARNING(_lines(file, outcome.warnings)))
        if dry_run:
            self._preview(outcome)
        self.stdout.write(", ".join(f"{count} {word}" for word, count in outcome.counts().items()))

    def _preview(self, outcome: Outcome) -> None:
        for change in outcome.changes[:SHOWN]:
            fields = ", ".join(f"{field}: {before!r} → {after!r}" for field, (before, after) in change.fields.items())
            self.stdout.write(f"{change.what} {change.name}" + (f" ({fields})" if fields else ""))
        more = len(outcome.changes) - SHOWN
        if more > 0:
            self.stdout.write(f"… and {more} more")

    def _export(self, *, format: str, **_options: Any) -> None:  # noqa: A002 (the option's name)
        write, _content_type = EXPORTS[format]
        self.stdout.write(write(Host.objects.order_by("name")), ending="")

    def _list(self, *, group: str | None, **_options: Any) -> None:
        hosts = Host.objects.order_by("name")
        for host in hosts.filter(groups__contains=[group]) if group else hosts:
            state = host.get_check_result_display() if host.is_active else "disabled"
            words = [
                host.name,
                host.reach,
                host.minion or "-",
                host.site or "-",
                ",".join(host.groups) or "-",
                str(state),
            ]
            self.stdout.write("\t".join(words))

    def _check(self, *, names: list[str], **_options: Any) -> None:
        hosts = list(Host.objects.filter(name__in=names).order_by("name"))
        if unknown := sorted(set(names) - {host.name for host in hosts}):
            raise CommandError(f"no such host: {', '.join(unknown)}")
        for host, found in check_now(hosts):
            said = Host.Check(found.result).label
            self.stdout.write("\t".join(word for word in (host.name, str(said), found.message) if word))


def _lines(file: Path, found: Sequence[Problem]) -> str:
    return "\n".join(": ".join(part for part in (str(file), each["path"], each["message"]) if part) for each in found)
