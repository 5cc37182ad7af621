"""`has(form.key)`: CEL's own way to ask whether a field has a value means `'key' in filled`.

To the engine `form.key` is a variable with a dot in its name, and `has` asks for keys of maps only. So the words are
exchanged before it reads them. `has(row.cell)` asks a map, and is left to the engine.
"""

import re
from collections.abc import Container
from dataclasses import dataclass

from templates_engine.effort import TEXT

_HAS = re.compile(
    TEXT.pattern + r"|(?<![\w.])has\s*\(\s*(?P<of>form|applicant|ticket)\s*\.\s*(?P<key>[a-z][a-z0-9_]*)\s*\)"
)


@dataclass(frozen=True)
class Spoken:
    """An expression as the engine takes it. moved: (place, by how much what stands from there on was moved)."""

    text: str
    moved: tuple[tuple[int, int], ...] = ()

    def written_at(self, place: int) -> int:
        """Where its author wrote what the engine finds at this place."""
        return place - max((by for start, by in self.moved if start <= place), default=0)


def spoken(source: str, variables: Container[str]) -> Spoken:
    """The expression with `has` asked in the engine's words."""
    if "has" not in source:
        return Spoken(source)
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

    return Spoken(_HAS.sub(exchange, source), tuple(moved))
