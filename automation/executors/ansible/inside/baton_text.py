# ruff: noqa: INP001 (modules for Ansible's own process, not a package)
"""Make the text of a result safe to send: limited, valid Unicode, on one line where needed (A35).

Runs inside ansible-playbook, where nothing of Baton can be imported.
"""

import re

CUT = "… cut: this was longer"
ITEMS_MAX = 2_000
NAME_MAX = 100
NOT_TEXT = re.compile("[\ud800-\udfff]")  # how Python shows bytes that are not UTF-8
_BREAKS = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")


def bounded(value, room):  # type: ignore[no-untyped-def]
    """The same value with at most room[0] characters of text; room[0] is reduced by what was used.

    Invalid bytes become the replacement character.
    """
    if isinstance(value, str):
        if len(value) > room[0]:
            value = value[: max(room[0], 0)] + CUT
        room[0] -= len(value)
        return NOT_TEXT.sub("\ufffd", value)
    if isinstance(value, (list, tuple)):
        kept = []
        for item in value[:ITEMS_MAX]:
            if room[0] <= 0:
                break
            kept.append(bounded(item, room))
        return kept if len(kept) == len(value) else [*kept, CUT]
    if isinstance(value, dict):
        return {key: bounded(inner, room) for key, inner in value.items()}
    return value


def one_line(text: str, limit: int = NAME_MAX) -> str:
    """A short name: no line break, and no `|`, which separates host, task and text in the log."""
    plain = _BREAKS.sub(" ", NOT_TEXT.sub("\ufffd", text)).replace("|", "/").strip()
    return plain if len(plain) <= limit else plain[: limit - 1] + "…"
