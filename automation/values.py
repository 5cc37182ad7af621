"""Checks values on their way from a form to an executor: plain JSON, plain keys, text without NUL (A27, A28)."""

import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from common.errors import Problem, finding

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
RESERVED = ("__ansible_unsafe", "__ansible_vault")
SLOT = "__slot__:"  # if a state's argument begins with it, Salt calls the function that follows, on the host as root
HIDDEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\ufff0-\ufffb\U000e0000-\U000e0fff]"
)


def is_name(key: object) -> bool:
    """Whether this may be a key: a plain ASCII identifier without a special meaning for Ansible."""
    return isinstance(key, str) and NAME.fullmatch(key) is not None and not key.startswith(RESERVED)


def faults(value: Any, path: str) -> Iterator[Problem]:
    """Findings {path, code, message} for every key or value, at any depth, that is not allowed."""
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
        if value.lstrip().startswith(SLOT):
            yield finding(path, "reserved_text", _("A text cannot begin with %(start)s.") % {"start": SLOT})
        if "\x00" in value or not _is_text(value):
            yield finding(path, "not_text", _("This text holds a NUL or a broken character. Remove it."))
    elif value is not None and not isinstance(value, (bool, int, float)):
        yield finding(path, "not_json", _("The action does not take a value of this kind."))


def visible(text: str) -> str:
    """The text with invisible and reordering characters replaced by escapes, so that people see them (A27)."""
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
