"""Cells, made once per look and used for every row: dressing a cell costs far more than filling it."""

from datetime import date, datetime
from typing import Any

from openpyxl.cell import WriteOnlyCell

from reports.workbook.inert import readable, stored
from reports.workbook.styles import TEXT, Style

Value = str | int | float | date | datetime | None


class Cells:
    """The cells of one sheet. What `of` returns is good until the next call for the same column and style.

    The sheet must write a row (openpyxl's write-only mode does, at once) before the next one is made.
    """

    def __init__(self, sheet: Any) -> None:
        self._sheet = sheet
        self._made: dict[tuple[int, Style, bool], Any] = {}

    def of(self, column: int, value: Value, style: Style) -> Any:
        """A cell with this value. Text can never become a formula, an error value or a link (A44)."""
        is_text = isinstance(value, str)
        key = (column, style, is_text)
        cell = self._made.get(key)
        if cell is None:
            cell = self._made[key] = WriteOnlyCell(self._sheet)
            (style.but(form=TEXT) if is_text else style).dress(cell)
        if isinstance(value, str):
            cell.value = stored(readable(value))
            cell.data_type = "s"  # openpyxl guesses "formula" or "error" from some texts
        elif isinstance(value, datetime):
            cell.value = value.replace(microsecond=0)  # 23:59:59.7 is shown as the next day by some programs
        else:
            cell.value = value
        return cell
