"""Compares the cases of a branch and the branches of a parallel node.

They have no keys. Two are the same if their names match, else if their conditions match, else if their positions match.
"""

from collections.abc import Iterator
from typing import Any

from templates_engine.compare.change_messages import say
from templates_engine.compare.changes import Change
from templates_engine.parts import Case
from templates_engine.text import Text, both


def compare_cases(path: str, named: dict[str, Any], old: list[Any], new: list[Any]) -> Iterator[Change]:
    """The changes in one node's cases: added, removed, changed, or reordered; the order decides which case is taken."""
    pairs = pairs_of(old, new)
    for then, now in pairs:
        if then is None and now is not None:
            yield Change("case_added", f"{path}[{now}]", {**named, "case": case_name(new[now], now)})
        elif now is None and then is not None:
            yield Change("case_removed", f"{path}[{then}]", {**named, "case": case_name(old[then], then)})
        elif then is not None and now is not None:
            yield from _case(f"{path}[{now}]", named, (old[then], then), (new[now], now))
    kept = [then for then, now in pairs if then is not None and now is not None]
    if kept != sorted(kept):
        order = [case_name(case, index) for index, case in enumerate(new)]
        yield Change("cases_reordered", path, {**named, "after": say(order)})


def _case(path: str, named: dict[str, Any], old: tuple[Any, int], new: tuple[Any, int]) -> Iterator[Change]:
    before, after = old[0], new[0]
    if before.get("name", "") != after.get("name", ""):
        details = {**named, "before": case_name(*old), "after": case_name(*new)}
        yield Change("case_name_changed", path, details)
    if before.get("when") != after.get("when"):
        details = {**named, "case": case_name(*new), "before": _condition(before), "after": _condition(after)}
        yield Change("condition_changed", f"{path}.when", details)


def _condition(case: Case) -> Text:
    return case.get("when") or both("其他情况", "otherwise")


def pairs_of(old: list[Any], new: list[Any]) -> list[tuple[int | None, int | None]]:
    """(old index, new index) of each case, matched by name, condition or position; None if there is no match."""
    then, now = list(range(len(old))), list(range(len(new)))
    found: list[tuple[int | None, int | None]] = []

    def take(left: int, right: int) -> None:
        then.remove(left)
        now.remove(right)
        found.append((left, right))

    for sign in (lambda case: case.get("name"), lambda case: case.get("when") or case.get("otherwise")):
        for right in list(now):
            left = next((i for i in then if sign(old[i]) and sign(old[i]) == sign(new[right])), None)
            if left is not None:
                take(left, right)
    for right in list(now):
        if right in then:
            take(right, right)
    found += [(None, right) for right in now]
    return sorted(found, key=lambda pair: pair[1] or 0) + [(left, None) for left in then]


def case_name(case: Case, index: int) -> Text:
    """A case's label: its name, else its condition, else its number."""
    name = case.get("name")
    if name:
        return name
    return _condition(case) if "when" in case or "otherwise" in case else both(f"第 {index + 1} 个", f"no. {index + 1}")
