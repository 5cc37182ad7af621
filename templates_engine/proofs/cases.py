"""Cases of a branch that are never taken, where it can be decided.

Every condition of a branch is tried on enough values of the fields it reads (domains.py), by the engine that runs it
later. What is outside of the decidable fragment (reading.py), or takes too many values, is not spoken of.
"""

from collections.abc import Iterator
from typing import Any

from templates_engine.findings import Finding
from templates_engine.proofs.base import Subject, walk
from templates_engine.proofs.reading import NotUnderstood, tokens
from templates_engine.proofs.tables import Table, Taken
from templates_engine.text import Text, both, localize


def prove(subject: Subject) -> Iterator[Finding]:
    """Cases never taken, branch by branch until the effort is spent."""
    table = Table(subject.expressions)
    for node, path, assumed in walk(subject.document["chain"]):
        conditions = [case.get("when") for case in node.get("cases", [])]
        if node["type"] != "branch" or None in conditions[:-1]:
            continue  # an `otherwise` that stands too early is named already
        taken = table.walk(conditions, assumed) or (table.walk(conditions, ()) if assumed else None)
        yield from _of_branch(node, path, taken or Taken())


def _of_branch(node: dict[str, Any], path: str, taken: Taken) -> Iterator[Finding]:
    cases = node["cases"]
    repeated = _repeated([case.get("when") for case in cases])
    for index, case in enumerate(cases):
        here = f"{path}.cases[{index}]"
        if index in repeated:
            why = _covered(cases, {repeated[index]})
            yield Finding("unreachable_case", f"{here}.when", {"why": why})
        elif taken.sure and index not in taken.ways:
            if "when" in case:
                earlier = taken.hidden.get(index, set())
                why = _covered(cases, earlier) if earlier else NEVER
                yield Finding("unreachable_case", f"{here}.when", {"why": why})
            else:
                yield Finding("unreachable_otherwise", here)


NEVER = both("条件对表单允许的任何值都不成立", "its condition is true for no value that the form allows")


def _covered(cases: list[dict[str, Any]], earlier: set[int]) -> Text:
    names = {
        language: ", ".join(
            f"{index + 1}" + (f" ({localize(cases[index]['name'], language)})" if cases[index].get("name") else "")
            for index in sorted(earlier)[:5]
        )
        for language in ("zh", "en")
    }
    return both(f"它成立时，前面的分支 {names['zh']} 已经成立", f"whenever it is true, case {names['en']} comes first")


def _repeated(conditions: list[str | None]) -> dict[int, int]:
    """Conditions that say the same as an earlier one, spaces aside: index → the earlier one's."""
    first: dict[Any, int] = {}
    found = {}
    for index, source in enumerate(conditions):
        if source is None:
            continue
        try:
            written: Any = tuple(tokens(source))
        except NotUnderstood:
            written = source.strip()
        if written in first:
            found[index] = first[written]
        first.setdefault(written, index)
    return found
