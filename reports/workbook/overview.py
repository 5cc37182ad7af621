"""The first sheet: the summary for managers."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, TwoCellAnchor
from openpyxl.utils import get_column_letter

from reports.month import Month, company_zone
from reports.queries.summary import Summary
from reports.workbook import styles, words
from reports.workbook.cells import Cells, Value
from reports.workbook.chart import day_chart
from reports.workbook.styles import (
    FIGURE,
    HEADER,
    HEADER_RIGHT,
    LABEL,
    NOTE,
    NUMBER,
    SECTION,
    SUBTITLE,
    TITLE,
    WORDS,
    Style,
)
from reports.workbook.table import print_on_pages

LEFT, COLUMNS, WIDTH = 2, 9, 14.5
TITLE_ROW, LABEL_ROW, CHART_ROW, TABLE_ROW = 2, 5, 8, 26
STATE_COLUMN, DAY_COLUMN = LEFT, LEFT + 4
HEIGHTS = {1: 12, TITLE_ROW: 30, LABEL_ROW: 22, LABEL_ROW + 1: 34, TABLE_ROW: 26}

Grid = dict[tuple[int, int], tuple[Value, Style]]


def write_overview(book: Workbook, month: Month, figures: Summary, at: datetime) -> None:
    """Write the main figures, the chart by day, the tables of states and days, and what the terms mean."""
    sheet: Any = book.create_sheet(_("Summary"))
    _set_up(sheet)
    grid: Grid = {}
    _heading(grid, month, at)
    _headline(grid, figures)
    _states(grid, figures)
    _days(grid, figures)
    _notes(grid, TABLE_ROW + len(figures["by_day"]) + 3)
    chart = day_chart(sheet, figures["by_day"], header_row=TABLE_ROW + 1, first_column=DAY_COLUMN)
    sheet.add_chart(chart, _between(CHART_ROW, TABLE_ROW - 2))
    _flush(sheet, grid)
    sheet.close()


def _set_up(sheet: Any) -> None:
    sheet.sheet_view.showGridLines = False
    sheet.column_dimensions["A"].width = 2
    for column in range(LEFT, LEFT + COLUMNS):
        sheet.column_dimensions[get_column_letter(column)].width = WIDTH
    for row, height in HEIGHTS.items():
        sheet.row_dimensions[row].height = height
    print_on_pages(sheet, "portrait", long=1)


def _between(first: int, last: int) -> TwoCellAnchor:
    """An anchor over these rows, exactly as wide as the tiles, whatever width the reader's fonts give the columns."""
    anchor = TwoCellAnchor(editAs="oneCell")
    anchor._from = AnchorMarker(col=LEFT - 1, row=first - 1)
    anchor.to = AnchorMarker(col=LEFT - 1 + COLUMNS, row=last)
    return anchor


def _heading(grid: Grid, month: Month, at: datetime) -> None:
    name = date_format(month.first, "YEAR_MONTH_FORMAT")
    written = f"{at.astimezone(company_zone()):%Y-%m-%d %H:%M}"
    grid[TITLE_ROW, LEFT] = _("Ticket report, %(month)s") % {"month": name}, TITLE
    text = _("Written %(time)s, all times in %(zone)s")
    grid[TITLE_ROW + 1, LEFT] = text % {"time": written, "zone": settings.TIME_ZONE}, SUBTITLE


def _headline(grid: Grid, figures: Summary) -> None:
    count, rate, decimal = (FIGURE.but(form=form) for form in (styles.COUNT, styles.PERCENT, styles.DECIMAL))
    satisfaction = figures["satisfaction"]
    tiles: list[tuple[str, Value, Style]] = [
        (_("Submitted"), figures["total"], count),
        (_("Completed"), figures["completed"], count.but(colour=styles.DONE)),
        (_("Still open"), figures["open"], count.but(colour=styles.WAITING)),
        (_("Failed"), figures["failed"], count.but(colour=styles.REFUSED) if figures["failed"] else count),
        (_("Vetoed"), figures["vetoed"], count),
        (_("Withdrawn"), figures["withdrawn"], count),
        (_("Decided on time"), figures["on_time_rate"], rate),
        (_("Median hours"), figures["median_hours"], decimal),
        (_("Satisfaction (%(count)d)") % satisfaction, satisfaction["average"], decimal),
    ]
    for column, (label, value, style) in enumerate(tiles, LEFT):
        grid[LABEL_ROW, column] = label, LABEL
        grid[LABEL_ROW + 1, column] = "–" if value is None else value, style


def _states(grid: Grid, figures: Summary) -> None:
    grid[TABLE_ROW, STATE_COLUMN] = _("Tickets submitted this month, by state"), SECTION
    headings = ((_("State"), HEADER), (_("Count"), HEADER_RIGHT), (_("Share"), HEADER_RIGHT))
    for column, heading in enumerate(headings, STATE_COLUMN):
        grid[TABLE_ROW + 1, column] = heading
    for row, entry in enumerate(figures["by_state"], TABLE_ROW + 2):
        share = entry["count"] / figures["total"] if figures["total"] else None
        look = WORDS.but(colour=styles.STATE_COLOURS[entry["state"]])
        grid[row, STATE_COLUMN] = words.state(entry["state"]), look
        grid[row, STATE_COLUMN + 1] = entry["count"], NUMBER
        grid[row, STATE_COLUMN + 2] = share, NUMBER.but(form=styles.PERCENT)


def _days(grid: Grid, figures: Summary) -> None:
    grid[TABLE_ROW, DAY_COLUMN] = _("By day"), SECTION
    headings = ((_("Date"), HEADER), (_("Submitted"), HEADER_RIGHT), (_("Completed"), HEADER_RIGHT))
    for column, heading in enumerate(headings, DAY_COLUMN):
        grid[TABLE_ROW + 1, column] = heading
    for row, day in enumerate(figures["by_day"], TABLE_ROW + 2):
        grid[row, DAY_COLUMN] = day["date"], WORDS.but(form=styles.DAY)
        grid[row, DAY_COLUMN + 1] = day["submitted"], NUMBER
        grid[row, DAY_COLUMN + 2] = day["completed"], NUMBER


def _notes(grid: Grid, row: int) -> None:
    notes = [
        _("A ticket belongs to the month it was submitted in, completed ones count where they ended."),
        _("Still open: submitted this month and not ended yet, failed ones included."),
        _("Decided on time: decisions made this month before they were due, out of those with a due time."),
        _("Median hours: from submission to end, of tickets completed this month, nights and holidays too."),
        _("Satisfaction: average rating from 1 to 5 of tickets completed this month (number of ratings)."),
    ]
    for offset, note in enumerate(notes):
        grid[row + offset, LEFT] = note, NOTE


def _flush(sheet: Any, grid: Grid) -> None:
    cells = Cells(sheet)
    for row in range(1, max(row for row, _column in grid) + 1):
        found = {column: content for (r, column), content in grid.items() if r == row}
        width = max(found, default=0)
        sheet.append([cells.of(n, *found[n]) if n in found else None for n in range(1, width + 1)])
