"""Two versions of a template, compared in words: what an author changed, and where.

Pure: two checked documents in, changes out. Fields and nodes are the same where their keys are; cases where their
names are, else their conditions, else their places.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from templates_engine.diff_words import CHANGES, say, what
from templates_engine.findings import fill
from templates_engine.text import Text, both, localize

Document = dict[str, Any]
PARTS = ("key", "name", "category", "description", "number_prefix", "visible_to", "dedup", "rating")
RULES = ("approvers", "assignees", "to")
INNER = {"cases": "case", "branches": "branch"}


@dataclass(frozen=True)
class Change:
    """One difference. path: its place in the new document; of what was taken out, in the old one."""

    code: str
    path: str
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def message(self) -> Text:
        """The words, in both languages."""
        return fill(CHANGES[self.code], self.details)

    def render(self) -> dict[str, str]:
        """{path, code, message} in the caller's language."""
        return {"path": self.path, "code": self.code, "message": localize(self.message)}


@dataclass(frozen=True)
class Placed:
    """A node where it stands. inside: of which chain, as (node, index of its case) from outside in; the rest is for
    people and for paths."""

    node: dict[str, Any]
    path: str
    inside: tuple[tuple[str, int], ...]
    place: Text

    @property
    def key(self) -> str:
        """Its key."""
        return str(self.node["node"])


def compare(old: Document, new: Document) -> list[Change]:
    """Every difference between two checked documents, in the order of the document."""
    return [*_settings("setting", "", {}, _only(old, PARTS), _only(new, PARTS)), *_form(old, new), *_chain(old, new)]


def _only(whole: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: whole[key] for key in keys if key in whole}


def _settings(
    code: str, path: str, named: dict[str, Any], old: dict[str, Any], new: dict[str, Any]
) -> Iterator[Change]:
    """What two mappings of one thing differ in; parameters one by one."""
    for key in dict.fromkeys([*new, *old]):
        before, after = old.get(key), new.get(key)
        if before == after and (key in old) == (key in new):
            continue
        here = f"{path}.{key}" if path else key
        if isinstance(before, dict) and isinstance(after, dict) and key in ("params", "form", "body"):
            inner = ({f"{key}.{name}": value for name, value in side.items()} for side in (before, after))
            yield from _settings(code, path, named, *inner)
        elif key not in old:
            yield Change(f"{code}_added", here, {**named, "what": what(key), "after": say(after)})
        elif key not in new:
            yield Change(f"{code}_removed", here, {**named, "what": what(key), "before": say(before)})
        else:
            details = {**named, "what": what(key), "before": say(before), "after": say(after)}
            yield Change(f"{code}_changed", here, details)


# --- the form


def _form(old: Document, new: Document) -> Iterator[Change]:
    before = {item["key"]: item for item in old["form"]}
    after = {item["key"]: item for item in new["form"]}
    for index, (key, item) in enumerate(after.items()):
        path = f"form[{index}]"
        if key not in before:
            yield Change("field_added", path, {"name": key, "type": item["type"]})
        else:
            yield from _field(path, before[key], item)
    for index, key in enumerate(before):
        if key not in after:
            yield Change("field_removed", f"form[{index}]", {"name": key})
    kept = [key for key in after if key in before]
    if kept != [key for key in before if key in after]:
        yield Change("fields_reordered", "form", {"after": ", ".join(after)})


def _field(path: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    named = {"name": new["key"]}
    sides = [{key: value for key, value in item.items() if key != "options"} for item in (old, new)]
    yield from _settings("field_setting", path, named, *sides)
    before, after = old.get("options", []), new.get("options", [])
    gone = [option for option in before if option not in after]
    come = [option for option in after if option not in before]
    if come:
        yield Change("options_added", f"{path}.options", {**named, "after": say(come)})
    if gone:
        yield Change("options_removed", f"{path}.options", {**named, "before": say(gone)})
    if before != after and not come and not gone:
        details = {**named, "what": what("options"), "before": say(before), "after": say(after)}
        yield Change("field_setting_changed", f"{path}.options", details)


# --- the chain


def _chain(old: Document, new: Document) -> Iterator[Change]:
    before = {placed.key: placed for placed in _placed(old["chain"], "chain", (), START)}
    after = {placed.key: placed for placed in _placed(new["chain"], "chain", (), START)}
    moved = _moved(before, after)
    for key, placed in after.items():
        if key not in before:
            details = {"name": _called(placed.node), "type": placed.node["type"], "place": placed.place}
            yield Change("node_added", placed.path, details)
            continue
        earlier = before[key]
        if key in moved:
            details = {"name": _called(placed.node), "before": earlier.place, "after": placed.place}
            yield Change("node_moved", placed.path, details)
        yield from _node(placed.path, earlier.node, placed.node)
    for key, placed in before.items():
        if key not in after:
            details = {"name": _called(placed.node), "type": placed.node["type"], "place": placed.place}
            yield Change("node_removed", placed.path, details)


START = both("流程开头", "at the beginning")


def _placed(
    chain: list[dict[str, Any]], path: str, inside: tuple[tuple[str, int], ...], start: Text
) -> Iterator[Placed]:
    """Every node of a chain and of the chains in it, with where it stands, in words."""
    place = start
    for index, node in enumerate(chain):
        here = f"{path}[{index}]"
        yield Placed(node, here, inside, place)
        for kind in INNER:
            for number, part in enumerate(node.get(kind, [])):
                case = _case_name(part, number)
                first = both(
                    f" {_called(node)} 的分支 {localize(case, 'zh')} 开头",
                    f"at the beginning of {localize(case, 'en')} of {_called(node)}",
                )
                yield from _placed(
                    part["chain"], f"{here}.{kind}[{number}].chain", (*inside, (node["node"], number)), first
                )
        place = both(f" {_called(node)} 之后", f"behind {_called(node)}")


def _moved(before: dict[str, Placed], after: dict[str, Placed]) -> set[str]:
    """Nodes in another chain than before, or in another order within theirs."""
    kept = [key for key in after if key in before]
    same = {key for key in kept if _container(before[key], before, after) == after[key].inside}
    moved = set(kept) - same
    for inside in {after[key].inside for key in same}:
        now = [key for key in kept if key in same and after[key].inside == inside]
        then = [key for key in before if key in now]
        blocks = SequenceMatcher(None, then, now, autojunk=False).get_matching_blocks()
        moved |= set(now) - {key for block in blocks for key in now[block.b : block.b + block.size]}
    return moved


def _container(placed: Placed, before: dict[str, Placed], after: dict[str, Placed]) -> tuple[tuple[str, int], ...]:
    """Where an old node stood, with its cases numbered as they are now."""
    steps = []
    for key, number in placed.inside:
        if key in after:
            for kind in INNER:
                pairs = _pairs(before[key].node.get(kind, []), after[key].node.get(kind, []))
                number = next((now for then, now in pairs if then == number and now is not None), number)  # noqa: PLW2901
        steps.append((key, number))
    return tuple(steps)


def _node(path: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    named = {"name": _called(new)}
    left_out = {"node", *RULES, *INNER}
    sides = [{key: value for key, value in node.items() if key not in left_out} for node in (old, new)]
    yield from _settings("node_setting", path, named, *sides)
    for key in RULES:
        yield from _rules(f"{path}.{key}", {**named, "what": what(key)}, old.get(key, []), new.get(key, []))
    for kind in INNER:
        yield from _cases(f"{path}.{kind}", named, old.get(kind, []), new.get(kind, []))


def _rules(path: str, named: dict[str, Any], old: list[Any], new: list[Any]) -> Iterator[Change]:
    come = [rule for rule in new if rule not in old]
    gone = [rule for rule in old if rule not in new]
    if come:
        yield Change("rules_added", path, {**named, "after": say(come)})
    if gone:
        yield Change("rules_removed", path, {**named, "before": say(gone)})
    if old != new and not come and not gone:
        yield Change("node_setting_changed", path, {**named, "before": say(old), "after": say(new)})


# --- the cases of a branch, the branches of a fork


def _cases(path: str, named: dict[str, Any], old: list[Any], new: list[Any]) -> Iterator[Change]:
    pairs = _pairs(old, new)
    for then, now in pairs:
        if then is None and now is not None:
            yield Change("case_added", f"{path}[{now}]", {**named, "case": _case_name(new[now], now)})
        elif now is None and then is not None:
            yield Change("case_removed", f"{path}[{then}]", {**named, "case": _case_name(old[then], then)})
        elif then is not None and now is not None:
            yield from _case(f"{path}[{now}]", named, (old[then], then), (new[now], now))
    kept = [then for then, now in pairs if then is not None and now is not None]
    if kept != sorted(kept):
        order = [_case_name(case, index) for index, case in enumerate(new)]
        yield Change("cases_reordered", path, {**named, "after": say(order)})


def _case(path: str, named: dict[str, Any], old: tuple[Any, int], new: tuple[Any, int]) -> Iterator[Change]:
    before, after = old[0], new[0]
    if before.get("name", "") != after.get("name", ""):
        details = {**named, "before": _case_name(*old), "after": _case_name(*new)}
        yield Change("case_name_changed", path, details)
    if before.get("when") != after.get("when"):
        details = {**named, "case": _case_name(*new), "before": _condition(before), "after": _condition(after)}
        yield Change("condition_changed", f"{path}.when", details)


def _condition(case: dict[str, Any]) -> Text:
    return case.get("when") or both("其他情况", "otherwise")


def _pairs(old: list[Any], new: list[Any]) -> list[tuple[int | None, int | None]]:
    """(index then, index now) of what is the same case: by name, by condition, by place; None: there is none."""
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


def _case_name(case: dict[str, Any], index: int) -> Text:
    name = case.get("name")
    if name:
        return name
    return _condition(case) if "when" in case or "otherwise" in case else both(f"第 {index + 1} 个", f"no. {index + 1}")


def _called(node: dict[str, Any]) -> str:
    return str(node["node"])
