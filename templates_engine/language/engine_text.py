"""An expression as the engine accepts it: `has(form.key)`, CEL's test for a value, is `'key' in filled` there.

For the engine `form.key` is a variable with a dot in its name, and `has` accepts only keys of maps. So the text is
rewritten before the engine reads it. `has(row.cell)` tests a map and stays.
"""

import re
from collections.abc import Container
from dataclasses import dataclass

from templates_engine.language.cost import TEXT

_HAS = re.compile(
    TEXT.pattern + r"|(?<![\w.])has\s*\(\s*(?P<of>form|applicant|ticket)\s*\.\s*(?P<key>[a-z][a-z0-9_]*)\s*\)"
)


@dataclass(frozen=True)
class EngineText:
    """An expression as the engine accepts it. moved: (place, by how many characters the text after it moved)."""

    text: str
    moved: tuple[tuple[int, int], ...] = ()

    def written_at(self, place: int) -> int:
        """The place in the author's text of this place in the engine's text."""
        return place - max((by for start, by in self.moved if start <= place), default=0)


def engine_text(source: str, variables: Container[str]) -> EngineText:
    """The expression with `has` rewritten for the engine."""
    if "has" not in source:
        return EngineText(source)
    moved: list[tuple[int, int]] = []

    def exchange(match: re.Match[str]) -> str:
        of, key = match["of"], match["key"]
        if of == "form":
            words = f"('{key}' in filled)"
        elif of and f"{of}.{key}" in variables:
            words = f"(size({of}.{key}) > 0)"
        else:
            return match.group()
        by = moved[-1][1] if moved else 0
        moved.append((match.start() + by + len(words), by + len(words) - len(match.group())))
        return words

    return EngineText(_HAS.sub(exchange, source), tuple(moved))
