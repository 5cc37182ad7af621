"""Untrusted text made safe for outputs without markup: headers, cards, plain text (A27, A43, A45)."""

import unicodedata

SHOWN_AS_CODE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
SPACES = frozenset("\t\n\r\v\f\u2028\u2029\x85")


def one_line(text: str) -> str:
    """The text on one line: white space becomes one space, invisible characters become codes such as ⟨U+202E⟩."""
    spaced = "".join(" " if char in SPACES else char for char in text)
    return " ".join(shown(spaced).split())


def lines(text: str) -> str:
    """The text with its line breaks; other invisible characters are shown as their code."""
    return "\n".join(shown(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))


def shown(text: str) -> str:
    """The text with each character that is invisible, or reorders others, shown as its code."""
    return "".join(f"⟨U+{ord(char):04X}⟩" if unicodedata.category(char) in SHOWN_AS_CODE else char for char in text)


def fit(text: str, limit: int) -> str:
    """One line of at most `limit` characters; an ellipsis at the end marks a cut."""
    line = one_line(text[: limit * 8])
    return line if len(line) <= limit and len(text) <= limit * 8 else line[: limit - 1].rstrip() + "…"


def fit_bytes(text: str, limit: int) -> str:
    """Like `fit`, for a limit in bytes of UTF-8."""
    line = one_line(text[:limit])
    if len(line.encode()) <= limit and len(text) <= limit:
        return line
    return line.encode()[: limit - 3].decode("utf-8", "ignore").rstrip() + "…"
