"""Writes tables as CSV and Excel files, without cells that a spreadsheet would calculate (A44)."""

import csv
import io
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import IO, Any

from automation.values import visible
from common.inert import readable, stored

MOST_LINES = 100_000
STARTS = "=+-@\t\r\n＝＋－＠"


@dataclass(frozen=True)
class Table:
    """One table. heads: the first line. widths: of the columns in Excel, in characters. rows: read only once."""

    heads: Sequence[str]
    widths: Sequence[int]
    rows: Iterable[list[str]]


def plain(text: str) -> str:
    """A cell of a CSV file. CSV has no types, so a text that a spreadsheet would calculate gets an apostrophe first."""
    text = readable(visible(text))
    return f"'{text}" if text.lstrip(" ").startswith(tuple(STARTS)) else text


def to_csv(table: Table) -> IO[bytes]:
    """A CSV file with a byte order mark, which Excel needs for Chinese."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the answer closes it)
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    write = csv.writer(text)
    write.writerow(table.heads)
    write.writerows([plain(cell) for cell in row] for row in table.rows)
    text.flush()
    text.detach()
    file.seek(0)
    return file


def to_xlsx(table: Table) -> IO[bytes]:
    """An Excel workbook in which every cell is text."""
    from openpyxl import Workbook  # large, and only needed here

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Baton")
    for number, width in enumerate(table.widths):
        sheet.column_dimensions[chr(ord("A") + number)].width = width
    sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, value) for value in table.heads])
    for row in table.rows:
        sheet.append([_cell(sheet, value) for value in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the answer closes it)
    book.save(file)
    file.seek(0)
    return file


def _cell(sheet: Any, text: str) -> Any:
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet)
    cell.number_format, cell.value = "@", stored(readable(visible(text)))
    cell.data_type = "s"  # openpyxl guesses "formula" or "error" from some texts
    return cell


FORMATS: dict[str, tuple[Callable[[Table], IO[bytes]], str]] = {
    "csv": (to_csv, "text/csv; charset=utf-8"),
    "xlsx": (to_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
MEDIA_TYPES = [kind.partition(";")[0] for _write, kind in FORMATS.values()]
