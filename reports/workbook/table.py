"""Plain tables: a frozen header, a filter, one row per item."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, Literal

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from reports.workbook.cells import Cells, Value
from reports.workbook.styles import FILTERED_RIGHT, HEADER, Style

MAX_ROWS = 1_048_575  # below the header
HEADER_HEIGHT = 24


@dataclass(frozen=True)
class Column:
    """One column: its heading, its width in characters and the style of its cells."""

    heading: str
    width: float
    style: Style


Row = Sequence[Value | tuple[Value, Style]]


def write_table(
    book: Workbook, title: str, columns: Sequence[Column], rows: Iterable[Row], *, max_rows: int = MAX_ROWS
) -> None:
    """Write the rows on one or more sheets of at most `max_rows` rows each. A value may come with its own Style."""
    rest = iter(rows)
    number = 1
    first: Row | None = next(rest, None)
    while first is not None or number == 1:
        name = title if number == 1 else f"{title} {number}"
        head = () if first is None else (first,)
        _write_sheet(book.create_sheet(name), columns, islice(chain(head, rest), max_rows))
        first, number = next(rest, None), number + 1


def _write_sheet(sheet: Any, columns: Sequence[Column], rows: Iterator[Row]) -> None:
    _set_up(sheet, columns)
    cells = Cells(sheet)
    headings = [
        FILTERED_RIGHT if column.style.align == "right" else HEADER.but(indent=column.style.indent)
        for column in columns
    ]
    sheet.append([cells.of(n, column.heading, headings[n]) for n, column in enumerate(columns)])
    count = 1
    for row in rows:
        sheet.append([_cell(cells, n, value, columns[n].style) for n, value in enumerate(row)])
        count += 1
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{count}"
    sheet.close()


def _cell(cells: Cells, number: int, value: Value | tuple[Value, Style], style: Style) -> Any:
    return cells.of(number, *value) if isinstance(value, tuple) else cells.of(number, value, style)


def _set_up(sheet: Any, columns: Sequence[Column]) -> None:
    for number, column in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    sheet.row_dimensions[1].height = HEADER_HEIGHT
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    print_on_pages(sheet, "landscape", long=0)


def print_on_pages(sheet: Any, orientation: Literal["portrait", "landscape"], *, long: int) -> None:
    """Print on A4, one page wide and `long` pages long; 0: as many pages as needed."""
    sheet.page_setup.orientation = orientation
    sheet.page_setup.paperSize = Worksheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = long
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
