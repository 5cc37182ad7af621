"""Baton's own values in an INI inventory, each as one text that Ansible never evaluates (A28).

The prefix `json:` keeps Ansible from reading the text as a literal, and an opening brace inside a string, which could
begin a template, is written as an escape.
"""

import json
import re
from typing import Any

from automation.inventory.plain import is_bounded
from automation.values import HIDDEN

MARK = "json:"
_WORD = re.compile(r'"(?:[^"\\]|\\.)*"')
LABELS, VARIABLES, DISABLED = "baton_labels", "baton_variables", "baton_disabled"


def sealed(value: Any) -> str:
    """The text that holds a value."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    if HIDDEN.search(text):
        text = json.dumps(value, sort_keys=True)
    return MARK + _WORD.sub(lambda word: word.group().replace("{", "\\u007b"), text)


def opened(variables: dict[Any, Any]) -> tuple[dict[Any, Any], Any, Any]:
    """(the variables without Baton's own, labels or None, disabled or None)."""
    rest = dict(variables)
    labels, more, disabled = (_value(rest.pop(name, None)) for name in (LABELS, VARIABLES, DISABLED))
    if isinstance(more, dict):
        rest |= more
    return rest, labels, disabled


def _value(text: Any) -> Any:
    if isinstance(text, str) and text.startswith(MARK):
        try:
            value = json.loads(text.removeprefix(MARK))
        except (ValueError, RecursionError):
            return text
        return value if is_bounded(value) else text
    return text
