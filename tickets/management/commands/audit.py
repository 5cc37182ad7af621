"""`manage.py audit verify|anchor`."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.dateparse import parse_date

from accounts.trail.verify import breaks
from tickets.audit import anchors, checkpoints
from tickets.audit.verify import Break, unknown_proxies, verify, verify_versions
from tickets.commands.anchor import mail
from tickets.files.proof import breaks_of_files
from tickets.models import Ticket
from tickets.ports import witnesses


class Command(BaseCommand):
    """Verify the audit trail, or export its end."""

    help = "Recompute every event chain and compare the rows with it; export the end of all chains from the database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Define the two sub-commands."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        verifying = verbs.add_parser("verify", help="report where the trail is broken; exit 1 if it is")
        verifying.add_argument("--ticket", help="only this number")
        verifying.add_argument("--files", action="store_true", help="read every attached file too (slow)")
        verifying.add_argument(
            "--since",
            metavar="FILE|DATE",
            help="compare everything with this anchor, or the one of this day (2026-11-30); by default against every "
            "one in BATON_ANCHOR_DIR",
        )
        anchoring = verbs.add_parser("anchor", help="write the end of the chain over all tickets to a file")
        anchoring.add_argument("--out", type=Path, help="this file, - for the terminal (default: BATON_ANCHOR_DIR)")
        anchoring.add_argument("--mail", action="store_true", help="send it to the administrators too")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Run the sub-command."""
        if options["verb"] == "anchor":
            self.anchor(options["out"], mailed=options["mail"])
        else:
            self.verify(options["ticket"], files=options["files"], since=options["since"])

    def anchor(self, out: Path | None, *, mailed: bool) -> None:
        """Export the end of the chain."""
        made = anchors.make()
        if made is None:
            raise CommandError("There are no events yet, so there is no trail to anchor.")
        try:
            if out is None:
                out = anchors.keep(made)
            elif str(out) == "-":
                self.stdout.write(anchors.text_of(made), ending="")
            else:
                out.write_text(anchors.text_of(made), encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error
        if str(out) != "-":
            self.stdout.write(f"Checkpoint {made['checkpoint']} is anchored in {out}")
        if mailed:
            self.stdout.write(f"Sent to {mail(made)} administrators.")

    def verify(self, number: str | None, *, files: bool, since: str | None) -> None:
        """Check all tickets, in pages of limited size, and all other records about them."""
        parts = ("events", "tasks__visit", "tasks__assignee", "contents")
        tickets = Ticket.objects.order_by("id").prefetch_related(*parts)
        if number:
            tickets = tickets.filter(number=number)
            if not tickets.exists():
                raise CommandError(f"There is no ticket {number}.")
        paths = self.anchors(since) if since else None
        sources = [self.breaks(tickets.iterator(chunk_size=500), files=files)]
        if not number:
            sources += [self.of_administration(), verify_versions(), checkpoints.breaks()]
            sources += [iter(witness()) for witness in witnesses()]
        if paths or not number:
            sources.append(anchors.breaks(paths))
        broken = 0
        for found in chain.from_iterable(sources):
            broken += 1
            self.stdout.write(f"BROKEN {found}")
        if broken:
            self.stdout.write(f"{broken} breaks in {tickets.count()} tickets and the trail of administration.")
            sys.exit(1)
        also = "" if number else " and that of administration"
        self.stdout.write(f"OK: the trail of {tickets.count()} tickets{also} is whole.")

    @staticmethod
    def anchors(since: str) -> list[Path]:
        """The anchor file with this name or of this day."""
        try:
            day = parse_date(since)
        except ValueError as error:
            raise CommandError(f"--since {since}: there is no such day") from error
        try:
            path = anchors.of_day(day) if day else Path(since)
            anchors.read(path)
        except anchors.NoAnchor as error:
            raise CommandError(str(error)) from error
        return [path]

    @staticmethod
    def of_administration() -> Iterator[Break]:
        """All breaks of the administration trail, and decisions by proxies missing in it."""
        for broken in breaks():
            yield Break("administration", *broken)
        yield from unknown_proxies()

    @staticmethod
    def breaks(tickets: Iterable[Ticket], *, files: bool) -> Iterator[Break]:
        """All breaks of these tickets; each ticket is read once."""
        for ticket in tickets:
            yield from verify([ticket])
            if files:
                yield from breaks_of_files(ticket)
