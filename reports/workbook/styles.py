"""Every look a cell can have. Colours are those of the web app in its light dress."""

from dataclasses import dataclass, replace

from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

FACE = "Microsoft YaHei"
GROUND, LINE = "F7F8FA", "E4E7EC"
INK, MUTED = "18202B", "5B6675"
ACCENT, WAITING, DONE, REFUSED, MACHINE = "2456D6", "9A6400", "14743B", "B3261E", "6B3FC4"

COUNT, DECIMAL, PERCENT, PLAIN = "#,##0", "#,##0.0", "0.0%", "General"
DAY, MOMENT = "yyyy-mm-dd", "yyyy-mm-dd hh:mm"
TEXT = "@"  # Excel never makes a formula, number or date of what stands or is typed in such a cell

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
    """One look. rule: the side that carries a thin line, or ""."""

    size: int = 10
    bold: bool = False
    colour: str = INK
    fill: str = ""
    rule: str = ""
    align: str = "left"
    form: str = PLAIN
    wrap: bool = False

    def dress(self, cell: WriteOnlyCell) -> None:
        """Put it on a cell. Costly: dress a cell once and use it for many rows."""
        cell.font = Font(name=FACE, size=self.size, bold=self.bold, color=self.colour)
        vertical = "top" if self.wrap else "center"
        cell.alignment = Alignment(horizontal=self.align, vertical=vertical, wrap_text=self.wrap)
        cell.number_format = self.form
        if self.fill:
            cell.fill = PatternFill("solid", start_color=self.fill)
        if self.rule:
            cell.border = Border(**{self.rule: Side("thin", color=LINE)})

    def but(self, **changes: object) -> "Style":
        """The same with other values for some fields."""
        return replace(self, **changes)  # type: ignore[arg-type]


TITLE = Style(size=18, bold=True)
SUBTITLE = Style(colour=MUTED)
SECTION = Style(size=12, bold=True)
NOTE = Style(size=9, colour=MUTED)
LABEL = Style(size=9, colour=MUTED, fill=GROUND, align="right")
FIGURE = Style(size=18, bold=True, fill=GROUND, align="right")
HEADER = Style(bold=True, colour=MUTED, fill=GROUND, rule="bottom")
HEADER_RIGHT = HEADER.but(align="right")
WORDS = Style(rule="bottom")
NUMBER = Style(rule="bottom", align="right", form=COUNT)
HOURS = NUMBER.but(form=DECIMAL)
