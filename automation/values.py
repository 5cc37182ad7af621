"""What may travel from a form to an executor: plain JSON of printable names and NUL-free text (A27, A28)."""

import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
RESERVED = ("__ansible_unsafe", "__ansible_vault")
HIDDEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\ufff0-\ufffb\U000e0000-\U000e0fff]"
)


def is_name(key: object) -> bool:
    """Whether this may be a key: a plain ASCII identifier that means nothing to Ansible."""
    return isinstance(key, str) and NAME.fullmatch(key) is not None and not key.startswith(RESERVED)


def faults(value: Any, path: str) -> Iterator[dict[str, str]]:
    """Findings {path, code, message} for every key or text, at any depth, that must not travel."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if is_name(key):
                yield from faults(inner, f"{path}.{key}")
            else:
                yield finding(path, "bad_key", _("A key must be a plain name of letters, digits and underscores."))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from faults(inner, f"{path}[{index}]")
    elif isinstance(value, str):
        if "\x00" in value or not _is_text(value):
            yield finding(path, "not_text", _("This text holds a NUL or a broken character. Remove it."))
    elif value is not None and not isinstance(value, (bool, int, float)):
        yield finding(path, "not_json", _("The action does not take a value of this kind."))


def finding(path: str, code: str, message: str) -> dict[str, str]:
    """One thing that is wrong, and where."""
    return {"path": path, "code": code, "message": message}


def visible(text: str) -> str:
    """The text with characters that hide or reorder others written as escapes, for people to see (A27)."""
    return HIDDEN.sub(lambda match: _escape(match.group()), text)


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _is_text(value: str) -> bool:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
