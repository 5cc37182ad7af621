"""Finds cases of a branch that are never taken, if this can be decided.

Every condition of a branch is evaluated on sample values of the fields it reads (domains.py), by the engine that runs
it later. Conditions outside the decidable fragment (fragment.py), or with too many values, give no finding.
"""

from collections.abc import Iterator
from typing import Any, cast

from templates_engine.fields import FIELD_TYPES
from templates_engine.findings.finding import Finding
from templates_engine.parts import Case, Field, Node
from templates_engine.proofs.base import Subject, each_node
from templates_engine.proofs.fragment import NotUnderstood, tokens
from templates_engine.proofs.tables import Table, Taken
from templates_engine.text import Text, both, localize


def prove(subject: Subject) -> Iterator[Finding]:
    """Findings for cases that are never taken, branch by branch until the cost limit is reached."""
    table = Table(subject.expressions)
    reasons = _Reasons(table)
    for node, path, assumed in each_node(subject.document["chain"]):
        conditions = [case.get("when") for case in node.get("cases", [])]
        if node["type"] != "branch" or None in conditions[:-1]:
            continue  # a misplaced `otherwise` is already reported
        taken = table.taken(conditions, assumed) or (table.taken(conditions, ()) if assumed else None)
        yield from _of_branch(node, path, taken or Taken(), reasons)


def _of_branch(node: Node, path: str, taken: Taken, reasons: "_Reasons") -> Iterator[Finding]:
    cases = node["cases"]
    repeated = _repeated([case.get("when") for case in cases])
    for index, case in enumerate(cases):
        here = f"{path}.cases[{index}]"
        is_never = taken.sure and index not in taken.cases
        if is_never and "when" not in case:
            yield Finding("unreachable_otherwise", here)
        elif is_never and not taken.hidden.get(index):
            details = {"why": reasons.of(case["when"]), "suggestion": MEND}
            yield Finding("unreachable_case", f"{here}.when", details)
        elif is_never or index in repeated:
            earlier = taken.hidden.get(index) or {repeated[index]}
            yield Finding("unreachable_case", f"{here}.when", {"why": _covered(cases, earlier)})


class _Reasons:
    """Explains why a condition is never true when no earlier case hides it."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.free = Table(table.expressions, {key: _without_limits(field) for key, field in table.fields.items()})

    def of(self, condition: str) -> Text:
        """The first reason that applies: the outer conditions, the condition itself, or the limits of the form."""
        if self._may_be(self.table, condition) is True:
            return NOT_HERE
        return ITSELF if self._may_be(self.free, condition) is False else NOT_ALLOWED

    def _may_be(self, table: Table, condition: str) -> bool | None:
        """Whether it is true for some values; None if unknown."""
        taken = table.taken([condition], ())
        return 0 in taken.cases if taken is not None and taken.sure else None


def _without_limits(field: Field) -> Field:
    """The field without its limits: any value of its type is allowed."""
    kind = ANY_TEXT.get(field["type"], field["type"])
    dropped = {*LIMITS, *(["options"] if kind != field["type"] else [])}
    if FIELD_TYPES[kind].empty() is not None:
        dropped.add("required")  # an empty value can be read; reading a missing number fails
    return cast(Field, {key: value for key, value in field.items() if key not in dropped} | {"type": kind})


LIMITS = ("min", "max", "min_items", "max_items")
ANY_TEXT = {"select": "text", "radio": "text", "multiselect": "hosts", "checkbox": "hosts"}  # used instead of options
NOT_HERE = both(
    "走到这里时它不可能成立：它与通向这里的条件矛盾",
    "it cannot be true here: it contradicts the conditions that lead to this branch",
)
ITSELF = both("它自相矛盾，什么值都不能让它成立", "it contradicts itself: no value whatever makes it true")
NOT_ALLOWED = both("条件对表单允许的任何值都不成立", "its condition is true for no value that the form allows")
MEND = both("改正条件，或删掉这个分支。", "Mend the condition, or take the case out.")


def _covered(cases: list[Case], earlier: set[int]) -> Text:
    names = {
        language: ", ".join(
            f"{index + 1}" + (f" ({localize(cases[index]['name'], language)})" if cases[index].get("name") else "")
            for index in sorted(earlier)[:5]
        )
        for language in ("zh", "en")
    }
    return both(f"它成立时，前面的分支 {names['zh']} 已经成立", f"whenever it is true, case {names['en']} comes first")


def _repeated(conditions: list[str | None]) -> dict[int, int]:
    """Conditions that equal an earlier one, ignoring spaces: index → the earlier index."""
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
