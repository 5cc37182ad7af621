"""Builds the whole workbook."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _
from openpyxl import Workbook

from reports.month import Month
from reports.queries.summary import Summary
from reports.queries.tickets import TicketRow, VersionName
from reports.workbook.archive import save
from reports.workbook.details import write_handlers, write_templates, write_tickets
from reports.workbook.overview import write_overview


class MonthlyWorkbook:
    """Writes rows to temporary files at once; `save` packs them. As a context manager it removes unsaved ones.

    Texts are in the active language.
    """

    def __init__(self, month: Month, at: datetime) -> None:
        self._month, self._at = month, at
        self._book = Workbook(write_only=True)
        self._book.properties.creator = "Baton"
        self._book.properties.title = _("Ticket report, %(month)s") % {"month": month}
        self._book.properties.created = self._book.properties.modified = at.astimezone(UTC).replace(tzinfo=None)

    def __enter__(self) -> "MonthlyWorkbook":
        return self

    def __exit__(self, *exc: object) -> None:
        for sheet in self._book.worksheets:
            _discard(sheet)

    def write(self, figures: Summary, tickets: Iterable[TicketRow], versions: Mapping[int, VersionName]) -> None:
        """Write all sheets, in the order of the workbook."""
        write_overview(self._book, self._month, figures, self._at)
        write_templates(self._book, figures)
        write_handlers(self._book, figures)
        write_tickets(self._book, tickets, versions)

    def save(self, file: IO[bytes]) -> None:
        """Write the workbook to the file. Possible only once."""
        save(self._book, file)


def _discard(sheet: Any) -> None:
    """Remove the temporary file of an unsaved sheet; openpyxl would remove it only when the process ends."""
    writer = sheet._writer
    if writer is None or not Path(writer.out).exists():
        return
    with suppress(OSError):  # on a full disk, writing the closing tags fails too
        if sheet._rows is not None:
            sheet._rows.close()
        writer.close()
    writer.cleanup()
