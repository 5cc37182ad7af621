"""`manage.py audit verify`."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.audit import breaks
from tickets.attachments.proof import breaks_of_files
from tickets.audit import Break, unknown_proxies, verify, verify_versions
from tickets.models import Ticket
from tickets.ports import witnesses


class Command(BaseCommand):
    """The audit trail."""

    help = "Recompute every event chain and hold the rows against it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One sub-command."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        verifying = verbs.add_parser("verify", help="say where the trail is broken; exit 1 if it is")
        verifying.add_argument("--ticket", help="only this number")
        verifying.add_argument("--files", action="store_true", help="read every attached file too (slow)")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Check all tickets, in pages of a bounded size."""
        parts = ("events", "tasks__visit", "tasks__assignee", "contents")
        tickets = Ticket.objects.order_by("id").prefetch_related(*parts)
        if options["ticket"]:
            tickets = tickets.filter(number=options["ticket"])
            if not tickets.exists():
                raise CommandError(f"There is no ticket {options['ticket']}.")
        broken = 0
        sources = [self.breaks(tickets.iterator(chunk_size=500), files=options["files"])]
        if not options["ticket"]:
            sources += [self.of_administration(), verify_versions(), *(iter(witness()) for witness in witnesses())]
        for found in chain.from_iterable(sources):
            broken += 1
            self.stdout.write(f"BROKEN {found}")
        if broken:
            self.stdout.write(f"{broken} breaks in {tickets.count()} tickets and the trail of administration.")
            sys.exit(1)
        also = "" if options["ticket"] else " and that of administration"
        self.stdout.write(f"OK: the trail of {tickets.count()} tickets{also} is whole.")

    @staticmethod
    def of_administration() -> Iterator[Break]:
        """Every break of the trail of administration, and decisions by a proxy that it does not know."""
        for broken in breaks():
            yield Break("administration", *broken)
        yield from unknown_proxies()

    @staticmethod
    def breaks(tickets: Iterable[Ticket], *, files: bool) -> Iterator[Break]:
        """Every break of these tickets, each read once."""
        for ticket in tickets:
            yield from verify([ticket])
            if files:
                yield from breaks_of_files(ticket)
