"""Hosts from an Excel workbook (.xlsx): the first sheet with column names. Its size is checked first (A42)."""

import io
import struct
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from automation.inventory.group_tree import Inventory
from automation.inventory.problems import Unreadable, unreadable
from automation.inventory.table import Row, read_rows, title_of

LARGEST = 4 * 1024 * 1024  # bytes of the file
UNPACKED = 24 * 1024 * 1024  # bytes of all unpacked parts
PARTS = 500
SHEETS = 20
WIDEST = 60  # columns that are read
BLANKS = 5_000  # empty rows in sequence that end a table
MOST_ROWS = 40_000
HEADING_WITHIN = 20  # rows; a table may have a title above it


def read_workbook(raw: bytes) -> Inventory:
    """The hosts of a workbook. Raises Unreadable."""
    import openpyxl  # large, and only needed here

    require_harmless(raw)
    try:
        book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # openpyxl lets any error of its parsers through
        raise _no_workbook() from error
    try:
        return _first_table([sheet for sheet in book.worksheets if sheet.sheet_state == "visible"])
    except Unreadable:
        raise
    except Exception as error:
        raise _no_workbook() from error
    finally:
        book.close()


def _first_table(sheets: list[Any]) -> Inventory:
    """The hosts of the first sheet with column names. Raises Unreadable, and any error of openpyxl's parsers."""
    for sheet in sheets[:SHEETS]:
        try:
            return read_rows(_from_heading(_rows(sheet)))
        except _NoHeading:
            continue
    raise unreadable("line 1", _("No sheet names the columns. The first line needs a column `name`."))


class _NoHeading(Exception):
    """A sheet without column names."""


def require_harmless(raw: bytes) -> None:
    """Check the unpacked size before anything is unpacked. Raises Unreadable.

    The archive states the sizes; Python's reader never returns more than stated.
    """
    if len(raw) > LARGEST:
        raise unreadable("", _("The file is too large: %(limit)s bytes at most. Split it.") % {"limit": LARGEST})
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, struct.error) as error:
        raise _no_workbook() from error
    if len(parts) > PARTS or sum(part.file_size for part in parts) > UNPACKED:
        raise unreadable("", _("This workbook is too large when unpacked. Copy the table into a new workbook."))
    if any(part.flag_bits & 0x1 for part in parts):
        raise unreadable("", _("This workbook is protected by a password. Save it without one."))


def _no_workbook() -> Unreadable:
    return unreadable(
        "", _("This workbook cannot be read. In Excel choose Save As, Excel workbook (.xlsx) or CSV UTF-8.")
    )


def _rows(sheet: Any) -> Iterator[Row]:
    """Rows that are not empty, each with its number; many empty rows end the table. Raises Unreadable."""
    sheet.reset_dimensions()  # the size stated in a file is often wrong, so it is not trusted
    blank, seen = 0, 0
    for number, cells in enumerate(sheet.iter_rows(max_col=WIDEST, values_only=True), start=1):
        words = [_word(cell) for cell in cells]
        if not any(words):
            blank += 1
            if blank > BLANKS:
                return
            continue
        blank, seen = 0, seen + 1
        if seen > MOST_ROWS:
            raise unreadable(
                f"line {number}", _("The table has more than %(limit)s rows. Split it.") % {"limit": MOST_ROWS}
            )
        yield f"line {number}", words


def _from_heading(rows: Iterator[Row]) -> Iterator[Row]:
    """The rows from the heading on; titles and notes above it are skipped."""
    for _number, (path, words) in zip(range(HEADING_WITHIN), rows, strict=False):
        if any(title_of(word) == "name" for word in words):
            yield path, words
            yield from rows
            return
    raise _NoHeading


def _word(cell: Any) -> str:
    """A cell as text: whole numbers without a decimal point, dates without a time."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime) and (cell.hour, cell.minute, cell.second) == (0, 0, 0):
        return cell.date().isoformat()
    if isinstance(cell, (date, datetime)):
        return cell.isoformat()
    return str(cell).strip()
