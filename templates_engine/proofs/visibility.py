"""Proves that no field's `visible_when` depends on the field itself, directly or through other fields."""

from collections.abc import Iterator

from templates_engine.findings.finding import Finding
from templates_engine.proofs.base import Subject


def prove(subject: Subject) -> Iterator[Finding]:
    """A finding for each cycle, at the first of its fields."""
    checker = subject.expressions.checker
    form = subject.document["form"]
    reads = {field["key"]: checker.reads(field["visible_when"]) for field in form if "visible_when" in field}
    named: set[str] = set()
    for index, field in enumerate(form):
        cycle = _circle(reads, field["key"])
        if cycle and not named & {*cycle}:
            named |= {*cycle}
            shown = " → ".join(f"form.{key}" for key in [*cycle, cycle[0]])
            yield Finding("circular_visibility", f"form[{index}].visible_when", {"cycle": shown})


def _circle(reads: dict[str, set[str]], start: str) -> list[str]:
    """The cycle from this field back to itself through conditions; empty if there is none."""
    came_from: dict[str, str] = {}
    waiting = [start]
    while waiting:
        key = waiting.pop(0)
        for other in sorted(reads.get(key, ())):
            if other == start:
                cycle = [key]
                while cycle[0] != start:
                    cycle.insert(0, came_from[cycle[0]])
                return cycle
            if other not in came_from:
                came_from[other] = key
                waiting.append(other)
    return []
