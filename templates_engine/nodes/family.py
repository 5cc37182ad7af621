"""Limits for templates that open tickets of other templates: no cycles, and a maximal depth (I12)."""

from collections.abc import Iterator, Mapping
from functools import cache

from templates_engine.findings.finding import Finding
from templates_engine.nodes.base import Context

MAX_DEPTH = 5  # levels of sub-tickets below the first ticket


def check_family(child: str, path: str, context: Context) -> Iterator[Finding]:
    """Findings if opening this child leads back to this template or nests too deeply.

    Published templates that open tickets of this one count too, because their nesting becomes deeper.
    """
    opens = context.opens
    circle = _path(opens, child, context.key)
    if circle is not None:
        yield Finding("subticket_cycle", path, {"cycle": " → ".join([context.key, *circle])})
        return
    opened_by: dict[str, set[str]] = {}
    for key, children in opens.items():
        for other in children:
            opened_by.setdefault(other, set()).add(key)
    depth = _longest(opened_by, context.key) + 1 + _longest(opens, child)
    if depth > MAX_DEPTH:
        yield Finding("subticket_depth", path, {"depth": depth, "limit": MAX_DEPTH})


def _path(opens: Mapping[str, set[str]], start: str, end: str) -> list[str] | None:
    """A path from one template to another through the sub-tickets they open, both included; None if there is none."""
    came_from: dict[str, str] = {start: ""}
    waiting = [start]
    while waiting:
        key = waiting.pop()
        if key == end:
            path = [key]
            while came_from[path[0]]:
                path.insert(0, came_from[path[0]])
            return path
        for other in sorted(opens.get(key, ())):
            if other not in came_from:
                came_from[other] = key
                waiting.append(other)
    return None


def _longest(edges: Mapping[str, set[str]], start: str) -> int:
    """The length of the longest path from here; a cycle elsewhere is not counted twice."""
    open_: set[str] = set()

    @cache
    def depth(key: str) -> int:
        if key in open_:
            return 0
        open_.add(key)
        below = max((1 + depth(other) for other in edges.get(key, ())), default=0)
        open_.discard(key)
        return below

    return depth(start)
