"""The styles of cells. The colours are those of the web app's light theme."""

from dataclasses import dataclass, replace

from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

FACE = "Microsoft YaHei"
GROUND, LINE = "F7F8FA", "E4E7EC"
INK, MUTED = "18202B", "5B6675"
ACCENT, WAITING, DONE, REFUSED, MACHINE = "2456D6", "9A6400", "14743B", "B3261E", "6B3FC4"

COUNT, DECIMAL, PERCENT, PLAIN = "#,##0", "#,##0.0", "0.0%", "General"
DAY, MOMENT = "yyyy-mm-dd", "yyyy-mm-dd hh:mm"
TEXT = "@"  # Excel never turns the content of such a cell into a formula, number or date

STATE_COLOURS = {
    "approving": WAITING,
    "returned": WAITING,
    "executing": MACHINE,
    "failed": REFUSED,
    "completed": DONE,
    "vetoed": REFUSED,
    "withdrawn": MUTED,
}


@dataclass(frozen=True)
class Style:
    """One style of a cell. rule: whether it has a thin line below."""

    size: int = 10
    bold: bool = False
    colour: str = INK
    fill: str = ""
    rule: bool = False
    align: str = "left"
    form: str = PLAIN
    indent: int = 0

    def dress(self, cell: Cell) -> None:
        """Apply the style to a cell. This is slow: do it once per cell and reuse the cell for many rows."""
        cell.font = Font(name=FACE, size=self.size, bold=self.bold, color=self.colour)
        cell.alignment = Alignment(horizontal=self.align, vertical="center", indent=self.indent)
        cell.number_format = self.form
        if self.fill:
            cell.fill = PatternFill("solid", start_color=self.fill)
        if self.rule:
            cell.border = Border(bottom=Side("thin", color=LINE))

    def but(self, **changes: object) -> "Style":
        """A copy with other values for some fields."""
        return replace(self, **changes)  # type: ignore[arg-type]


TITLE = Style(size=18, bold=True)
SUBTITLE = Style(colour=MUTED)
SECTION = Style(size=12, bold=True)
NOTE = Style(size=9, colour=MUTED)
LABEL = Style(size=9, colour=MUTED, fill=GROUND, align="right", indent=1)
FIGURE = Style(size=18, bold=True, fill=GROUND, align="right", indent=1)
HEADER = Style(bold=True, colour=MUTED, fill=GROUND, rule=True)
HEADER_RIGHT = HEADER.but(align="right")
FILTERED_RIGHT = HEADER_RIGHT.but(indent=2)  # leaves room for the filter button
WORDS = Style(rule=True)
NUMBER = Style(rule=True, align="right", form=COUNT)
HOURS = NUMBER.but(form=DECIMAL)
