"""Fills a plan's values into an action's texts. The result is only for people to read; it is never executed."""

import re
from collections.abc import Mapping
from typing import Any

from automation.values import visible

VALUE_MAX = 200
_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


def filled(texts: Mapping[str, str], params: Mapping[str, Any], *, one_line: bool = True) -> dict[str, str]:
    """Fill the {parameter} placeholders of each text once; unusual characters are made visible (A27).

    one_line: escape tabs and line breaks in values and cut long ones, because the text is a single line.
    """

    def value(match: re.Match[str]) -> str:
        text = visible(str(params.get(match.group(1), "")))
        if one_line:
            text = text.replace("\t", "\\t").replace("\n", "\\n")
            return text if len(text) <= VALUE_MAX else text[:VALUE_MAX] + "…"
        return text

    return {language: _PLACEHOLDER.sub(value, text) for language, text in texts.items()}
