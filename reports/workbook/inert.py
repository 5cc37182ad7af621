"""Text from people as text in a cell, and never anything else (A43, A44).

Nothing is put before a leading = + - @: a cell that is stored as text and formatted as Text (see cells.py) is
not evaluated when it is opened, nor when it is edited, and reads exactly as it was written.
"""

import re

MAX_UNITS = 32_767  # of UTF-16, the most that Excel keeps in a cell
ELLIPSIS = "…"

# What XML 1.0 cannot carry, or no one can see: C0 and DEL become their Unicode pictures (␇), the rest U+FFFD.
_VISIBLE = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n"}
_VISIBLE |= {0x7F: 0x2421}
_VISIBLE |= dict.fromkeys((*range(0x80, 0xA0), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF), 0xFFFD)

# Excel would read _x0041_ in a file as "A": its own escape for what XML cannot carry.
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def readable(text: str) -> str:
    """The same text with one kind of line break, invisible control characters made visible, cut to a cell."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_VISIBLE)
    if len(text) * 2 <= MAX_UNITS or _units(text) <= MAX_UNITS:
        return text
    kept = text.encode("utf-16-le")[: (MAX_UNITS - 1) * 2]
    return kept.decode("utf-16-le", errors="ignore") + ELLIPSIS


def stored(text: str) -> str:
    """As the file must hold this readable text so that Excel shows it unchanged."""
    return _ESCAPE.sub("_x005F_", text) if "_x" in text else text


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
