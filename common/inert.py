"""Writes text from people into spreadsheet cells as text, never as a formula (A43, A44).

Nothing is added before a leading = + - @: a cell that is stored as text and formatted as Text (see
reports/workbook/cells.py) is not evaluated when it is opened or edited, and shows exactly what was written.
"""

import re

MAX_UNITS = 32_767  # UTF-16 code units, Excel's limit for one cell
ELLIPSIS = "…"

# Characters that XML 1.0 cannot hold or nobody can see: C0 and DEL become their Unicode pictures (␇), others U+FFFD.
_VISIBLE = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n"}
_VISIBLE |= {0x7F: 0x2421}
_VISIBLE |= dict.fromkeys((*range(0x80, 0xA0), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF), 0xFFFD)

# Excel reads _x0041_ in a file as "A": its own escape for characters that XML cannot hold.
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def readable(text: str) -> str:
    """The text with one kind of line break, control characters made visible, cut to what one cell can hold."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_VISIBLE)
    if len(text) * 2 <= MAX_UNITS or _units(text) <= MAX_UNITS:
        return text
    kept = text.encode("utf-16-le")[: (MAX_UNITS - 1) * 2]
    return kept.decode("utf-16-le", errors="ignore") + ELLIPSIS


def stored(text: str) -> str:
    """This readable text, escaped for the file so that Excel shows it unchanged."""
    return _ESCAPE.sub("_x005F_", text) if "_x" in text else text


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
