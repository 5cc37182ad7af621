"""Problems of an action with their places: `actions/acme.restart/action.yaml:12 params[0].pattern: …`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from templates_engine.reading.patterns import is_pattern
from templates_engine.text import Text, both, localize

Problem = tuple[str, Text]  # (place in the document such as `params[0].pattern`, message)


@dataclass(frozen=True)
class Finding:
    """One problem in one file. line: counted from 1, or None if no line applies. key: place in the document."""

    file: str
    line: int | None
    key: str
    what: Text

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        what = localize(self.what)
        return f"{place} {self.key}: {what}" if self.key else f"{place}: {what}"


def pattern_problems(part: Mapping[str, Any], path: str) -> Iterator[Problem]:
    """Problems of a part's pattern. It must match the whole value, or the rest could be anything (A27).

    Both RE2 and Python must be able to compile it.
    """
    pattern = part.get("pattern")
    if not isinstance(pattern, str):
        return
    if not (len(pattern) > 1 and pattern.startswith("^") and pattern.endswith("$")):
        yield f"{path}.pattern", both("正则要从 ^ 到 $ 描述整个值", "must describe the whole value, from ^ to $")
    elif not (is_pattern(pattern) and _is_pythons(pattern)):
        yield f"{path}.pattern", both("不是正则（RE2 的写法）", "is no pattern, as RE2 writes them")


def _is_pythons(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True
