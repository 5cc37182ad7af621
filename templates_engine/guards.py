"""Is what an expression reads surely there? What may be empty must be asked for first (`unguarded_field`).

A literal is a part of a condition with its truth. Literals are known where an earlier part of `&&` (for `||`: its
being false), a ternary's condition, or a case around the expression has decided them. A field is there where
`'key' in filled` is known, or where it is shown and required by conditions that follow from what is known.
"""

from collections.abc import Iterable, Iterator
from typing import Protocol

from templates_engine.syntax import Node

Literal = tuple[str, bool]
Known = frozenset[Literal] | None  # None: nothing ever comes here, so anything holds
NOTHING: frozenset[Literal] = frozenset()


class Risks(Protocol):
    """What guards ask of the form."""

    def risk(self, node: Node) -> str | None:
        """The key of what this part reads and that may not be there: a field's, or a cell's as `has` would ask."""

    def is_there(self, key: str, known: Known) -> bool:
        """Whether what is known says that it is."""


def filled(key: str) -> Literal:
    """What `'key' in filled` says."""
    return f"call:@in({key!r},filled)", True


def literals(node: Node, truth: bool) -> Known:
    """What is known where this condition has this truth."""
    if node.kind == "const":
        return NOTHING if node.value is truth else None
    if node.kind == "call":
        if node.name == "!_":
            return literals(node.parts[0], not truth)
        if node.name in ("_&&_", "_||_"):
            both = [literals(part, truth) for part in node.parts]
            return union(both) if (node.name == "_&&_") is truth else _common(both)
        if node.name == "_?_:_":
            return _common([union([literals(when, which), literals(then, truth)]) for when, which, then in _ways(node)])
    return frozenset([_literal(node, truth)])


def follows(node: Node, truth: bool, known: Known) -> bool:
    """Whether a condition surely has this truth."""
    if known is None or _literal(node, truth) in known:
        return True
    if node.kind == "const":
        return node.value is truth
    if node.kind == "call":
        if node.name == "!_":
            return follows(node.parts[0], not truth, known)
        if node.name in ("_&&_", "_||_"):
            needed = all if (node.name == "_&&_") is truth else any
            return needed(follows(part, truth, known) for part in node.parts)
    return False


def unguarded(node: Node, known: Known, risks: Risks) -> Iterator[Node]:
    """The parts that read what may not be there, in their order."""
    key = risks.risk(node)
    if key is not None and not risks.is_there(key, known):
        yield node
    if node.kind == "call" and node.name in ("_&&_", "_||_"):
        yield from _in_line(list(_line(node, node.name)), node.name == "_&&_", known, risks)
    elif node.kind == "call" and node.name == "_?_:_":
        yield from unguarded(node.parts[0], known, risks)
        for when, which, then in _ways(node):
            yield from unguarded(then, union([known, literals(when, which)]), risks)
    else:
        for part in node.parts:
            yield from unguarded(part, known, risks)


def _in_line(parts: list[Node], truth: bool, known: Known, risks: Risks) -> Iterator[Node]:
    """Parts joined by one sign. Each counts on those before it; and all on those that cannot fail themselves.

    For `false && failure` is false, whichever stands first: a guard may stand behind what it guards.
    """
    safe = [part for part in parts if all(risks.risk(inner) is None for inner in part.every())]
    known = union([known, *(literals(part, truth) for part in safe)])
    for part in parts:
        yield from unguarded(part, known, risks)
        known = union([known, literals(part, truth)])


def _line(node: Node, sign: str) -> Iterator[Node]:
    if node.kind == "call" and node.name == sign:
        for part in node.parts:
            yield from _line(part, sign)
    else:
        yield node


def _ways(node: Node) -> tuple[tuple[Node, bool, Node], tuple[Node, bool, Node]]:
    when, then, otherwise = node.parts
    return (when, True, then), (when, False, otherwise)


def _literal(node: Node, truth: bool) -> Literal:
    """With `==` for `!=`, and its sides in one order."""
    if node.kind == "call" and node.name in ("_==_", "_!=_"):
        left, right = sorted(map(str, node.parts))
        return f"{left} == {right}", truth is (node.name == "_==_")
    return str(node), truth


def union(parts: Iterable[Known]) -> Known:
    """All of it is known."""
    whole: set[Literal] = set()
    for part in parts:
        if part is None:
            return None
        whole |= part
    return frozenset(whole)


def _common(ways: list[Known]) -> Known:
    """One of these is known."""
    possible = [way for way in ways if way is not None]
    return frozenset.intersection(*possible) if possible else None
