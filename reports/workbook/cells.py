"""Cells, created once per column and style and reused in every row: styling a cell costs far more than filling it."""

from datetime import date, datetime
from typing import Any

from openpyxl.cell import WriteOnlyCell

from common.inert import readable, stored
from reports.workbook.styles import TEXT, Style

Value = str | int | float | date | datetime | None


class Cells:
    """The cells of one sheet. A cell from `of` is valid until the next call for the same column and style.

    The sheet must write each row before the next one is built (openpyxl's write-only mode writes it at once).
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
            cell.data_type = "s"  # openpyxl takes some texts for a formula or an error
        elif isinstance(value, datetime):
            cell.value = value.replace(microsecond=0)  # some programs show 23:59:59.7 as the next day
        else:
            cell.value = value
        return cell
