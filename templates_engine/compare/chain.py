"""Compares the nodes of two chains: added, removed, moved, changed."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, cast

from templates_engine.compare.cases import case_name, compare_cases, pairs_of
from templates_engine.compare.change_messages import say, what
from templates_engine.compare.changes import Change, settings
from templates_engine.parts import ACCESS, Document, Node
from templates_engine.program.program import complete
from templates_engine.text import Text, both, localize

RULES = ("approvers", "assignees", "to")
INNER = ("cases", "branches")


@dataclass(frozen=True)
class Placed:
    """A node and its position.

    inside: the chain that contains it, as (node, index of the case) from the outermost in. place: the same in words.
    """

    node: Node
    path: str
    inside: tuple[tuple[str, int], ...]
    place: Text

    @property
    def key(self) -> str:
        """The node's key."""
        return str(self.node["node"])


def compare_chains(old: Document, new: Document) -> Iterator[Change]:
    """The changes between two documents' chains: new and kept nodes in the new order, then removed ones."""
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


def _placed(chain: list[Node], path: str, inside: tuple[tuple[str, int], ...], start: Text) -> Iterator[Placed]:
    """Every node of a chain and of its inner chains, with its position in words."""
    place = start
    for index, node in enumerate(chain):
        here = f"{path}[{index}]"
        yield Placed(node, here, inside, place)
        for kind in INNER:
            for number, part in enumerate(_any(node).get(kind, [])):
                case = case_name(part, number)
                first = both(
                    f" {_called(node)} 的分支 {localize(case, 'zh')} 开头",
                    f"at the beginning of {localize(case, 'en')} of {_called(node)}",
                )
                yield from _placed(
                    part["chain"], f"{here}.{kind}[{number}].chain", (*inside, (node["node"], number)), first
                )
        place = both(f" {_called(node)} 之后", f"behind {_called(node)}")


def _moved(before: dict[str, Placed], after: dict[str, Placed]) -> set[str]:
    """Keys of the nodes that are in another chain, or at another position in the same one."""
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
    """The chain that contained an old node, with the cases' new numbers."""
    return tuple((key, _renumbered(number, before[key], after.get(key))) for key, number in placed.inside)


def _renumbered(number: int, before: Placed, after: Placed | None) -> int:
    """The new number of a case; its old one if it was removed."""
    pairs = pairs_of(_inner(before), _inner(after)) if after else []
    return next((now for then, now in pairs if then == number and now is not None), number)


def _inner(placed: Placed) -> list[Any]:
    return next((_any(placed.node)[kind] for kind in INNER if kind in placed.node), [])


def _any(node: Node) -> dict[str, Any]:
    """The node by keys that are known only at run time."""
    return cast(dict[str, Any], node)


def _node(path: str, old: Node, new: Node) -> Iterator[Change]:
    named = {"name": _called(new)}
    left_out = {"node", *RULES, *INNER}
    sides = [{key: value for key, value in node.items() if key not in left_out} for node in (old, new)]
    yield from settings("node_setting", path, named, *sides)
    for key in RULES:
        yield from _rules(f"{path}.{key}", {**named, "what": what(key)}, _any(old).get(key, []), _any(new).get(key, []))
    for kind in INNER:
        yield from compare_cases(f"{path}.{kind}", named, _any(old).get(kind, []), _any(new).get(kind, []))


def compare_steps(old: Document, new: Document, keys: Collection[str]) -> Iterator[Change]:
    """Changes in what these nodes do: settings, and which fields are editable, read-only or hidden there.

    keys: nodes of both documents. Rules and cases are left out, because the walked path shows them.
    """
    before = {placed.key: placed.node for placed in _placed(old["chain"], "chain", (), START)}
    for placed in _placed(new["chain"], "chain", (), START):
        if placed.key in keys and placed.key in before:
            sides = [_settings(document, node) for document, node in ((old, before[placed.key]), (new, placed.node))]
            yield from settings("node_setting", placed.path, {"name": _called(placed.node)}, *sides)


def _settings(document: Document, node: Node) -> dict[str, Any]:
    """A node's settings with defaults filled in, and the field rights at this node."""
    whole: Any = complete(dict(node), document.get("dedup", "none"))
    if node["type"] == "approval":
        whole = {"on_empty": "escalate", "on_self": "escalate", **whole}
    if "due" in node:
        whole = {"on_timeout": "remind", **whole}
    rights = {
        right: [field["key"] for field in document["form"] if node["node"] in field.get(right, ())] for right in ACCESS
    }
    whole |= {right: fields for right, fields in rights.items() if fields}
    return {key: value for key, value in whole.items() if key not in ("node", "name", *RULES, *INNER)}


def _rules(path: str, named: dict[str, Any], old: list[Any], new: list[Any]) -> Iterator[Change]:
    come = [rule for rule in new if rule not in old]
    gone = [rule for rule in old if rule not in new]
    if come:
        yield Change("rules_added", path, {**named, "after": say(come)})
    if gone:
        yield Change("rules_removed", path, {**named, "before": say(gone)})
    if old != new and not come and not gone:
        yield Change("node_setting_changed", path, {**named, "before": say(old), "after": say(new)})


def _called(node: Node) -> str:
    return str(node["node"])
