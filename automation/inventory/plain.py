"""JSON from other programs, limited in size and depth (I16, A47)."""

import json
from typing import Any

from django.utils.translation import gettext as _

from automation.inventory.problems import unreadable

DEEPEST = 40
MOST_PARTS = 400_000
_DECODER = json.JSONDecoder(parse_constant=lambda word: word)  # NaN stays a string, and is reported as one


def documents(text: str) -> list[Any]:
    """The JSON documents in a text: Salt prints one after the other, one per minion. Raises Unreadable."""
    found: list[Any] = []
    at = 0
    while True:
        while at < len(text) and text[at].isspace():
            at += 1
        if at >= len(text):
            break
        try:
            value, at = _DECODER.raw_decode(text, at)
        except (json.JSONDecodeError, RecursionError, ValueError) as error:
            line = text.count("\n", 0, getattr(error, "pos", at)) + 1
            reason = getattr(error, "msg", _("too deep"))
            raise unreadable(f"line {line}", _("This is not JSON: %(problem)s") % {"problem": reason}) from error
        found.append(value)
    if not found:
        raise unreadable("", _("The file is empty."))
    if not is_bounded(found):
        message = _("The file is too deep or has too many parts: %(limit)s at most. Split it.")
        raise unreadable("", message % {"limit": MOST_PARTS})
    return found


def is_bounded(value: Any) -> bool:
    """Whether a value is flat and small enough to be processed."""
    waiting, parts = [(value, 0)], 0
    while waiting:
        part, depth = waiting.pop()
        parts += 1
        if depth > DEEPEST or parts > MOST_PARTS:
            return False
        if isinstance(part, (dict, list)):
            waiting += [(inner, depth + 1) for inner in (part.values() if isinstance(part, dict) else part)]
    return True
