"""The month as a native Excel chart: a column for each day's submitted tickets, a line for completed ones."""

from collections.abc import Sequence
from typing import Any

from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.chart.axis import ChartLines
from openpyxl.chart.data_source import NumData, NumVal
from openpyxl.chart.layout import Layout, ManualLayout
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import CharacterProperties, Paragraph, ParagraphProperties
from openpyxl.utils.datetime import to_excel

from reports.queries.summary import DayRow
from reports.workbook.styles import ACCENT, DONE, LINE, MUTED


def day_chart(sheet: Any, days: Sequence[DayRow], *, header_row: int, first_column: int) -> BarChart:
    """The chart of the table (date, submitted, completed) whose header is at (header_row, first_column)."""
    last = header_row + len(days)
    dates = Reference(sheet, min_col=first_column, min_row=header_row + 1, max_row=last)
    bars, line = BarChart(), LineChart()
    chart: BarChart | LineChart
    for offset, chart in ((1, bars), (2, line)):
        column = first_column + offset
        data = Reference(sheet, min_col=column, min_row=header_row, max_row=last)
        chart.add_data(data, titles_from_data=True)
        chart.set_categories(dates)
    _keep_values(bars, days, [day["submitted"] for day in days])
    _keep_values(line, days, [day["completed"] for day in days])
    bars.gapWidth = 60
    bars.series[0].graphicalProperties = GraphicalProperties(solidFill=ACCENT)
    line.series[0].graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=DONE, w=25400))
    line.series[0].smooth = False
    _calm(bars)
    bars += line
    return bars


def _calm(chart: BarChart) -> None:
    """Thin lines, small grey labels, whole numbers; no frame."""
    chart.legend.position = "t"
    chart.legend.txPr = _small()
    chart.graphical_properties = GraphicalProperties(noFill=True, ln=LineProperties(noFill=True))
    chart.layout = Layout(manualLayout=ManualLayout(xMode="edge", yMode="edge", x=0.04, y=0.12, w=0.95, h=0.76))
    days, counts = chart.x_axis, chart.y_axis
    days.delete = counts.delete = False  # otherwise newer versions of Excel hide them
    days.number_format, days.auto, days.tickLblSkip = "d", False, 1
    counts.number_format, counts.scaling.min = "#,##0", 0.0
    days.majorTickMark = counts.majorTickMark = "none"
    days.txPr = counts.txPr = _small()
    thin = GraphicalProperties(ln=LineProperties(solidFill=LINE))
    counts.majorGridlines, days.graphicalProperties = ChartLines(spPr=thin), thin
    counts.graphicalProperties = GraphicalProperties(ln=LineProperties(noFill=True))


def _keep_values(chart: BarChart | LineChart, days: Sequence[DayRow], values: Sequence[int]) -> None:
    """Store the values beside their references, because previews on phones draw stored values only."""
    series = chart.series[0]
    series.val.numRef.numCache = _cache([float(value) for value in values], "#,##0")
    series.cat.numRef.numCache = _cache([to_excel(day["date"]) for day in days], "d")


def _cache(values: Sequence[float], form: str) -> NumData:
    points = [NumVal(idx=index, v=f"{value:g}") for index, value in enumerate(values)]
    return NumData(formatCode=form, ptCount=len(points), pt=points)


def _small() -> RichText:
    look = CharacterProperties(sz=900, solidFill=MUTED)
    return RichText(p=[Paragraph(pPr=ParagraphProperties(defRPr=look), endParaRPr=look)])
