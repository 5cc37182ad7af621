"""Checks that an expression tests values that may be empty before it reads them (`unguarded_field`).

A literal is a part of a condition with its truth value. It is known if an earlier part of `&&` (or the opposite of an
earlier part of `||`), a ternary's condition, or a case around the expression decides it. A field exists if `'key' in
filled` is known, or if conditions that are known make it visible and required.
"""

from collections.abc import Iterable, Iterator
from itertools import compress
from typing import Protocol

from templates_engine.language.syntax import Node

Literal = tuple[str, bool]
Known = frozenset[Literal] | None  # None: this place is never reached, so anything holds
NOTHING: frozenset[Literal] = frozenset()


class Form(Protocol):
    """What the guards need from a form."""

    def may_miss(self, node: Node) -> bool:
        """Whether this part reads a field or a cell that may not exist."""

    def is_there(self, node: Node, known: Known) -> bool:
        """Whether `known` implies that it exists."""


def present(key: str, whose: object = "filled") -> Literal:
    """The literal of `'key' in filled`; for a row, of `has(row.key)` and `'key' in row`."""
    return f"{key} in {whose}", True


def literals(node: Node, truth: bool) -> Known:
    """What is known if this condition has this truth value."""
    if node.kind == "const":
        return NOTHING if node.value is truth else None
    if node.kind == "call":
        if node.name == "!_":
            return literals(node.parts[0], not truth)
        if node.name in ("_&&_", "_||_"):
            both = [literals(part, truth) for part in node.parts]
            return union(both) if (node.name == "_&&_") is truth else _common(both)
        if node.name == "_?_:_":
            return _common(
                [union([literals(when, which), literals(then, truth)]) for when, which, then in _alternatives(node)]
            )
    return frozenset([_literal(node, truth)])


def follows(node: Node, truth: bool, known: Known) -> bool:
    """Whether `known` implies that the condition has this truth value."""
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


def unguarded(node: Node, known: Known, form: Form) -> Iterator[Node]:
    """The parts that read something that may not exist, in order."""
    if form.may_miss(node) and not form.is_there(node, known):
        yield node
    if node.kind == "call" and node.name in ("_&&_", "_||_"):
        yield from _in_line(list(_line(node, node.name)), node.name == "_&&_", known, form)
    elif node.kind == "call" and node.name == "_?_:_":
        yield from unguarded(node.parts[0], known, form)
        for when, which, then in _alternatives(node):
            yield from unguarded(then, union([known, literals(when, which)]), form)
    else:
        for part in node.parts:
            yield from unguarded(part, known, form)


def _in_line(parts: list[Node], truth: bool, known: Known, form: Form) -> Iterator[Node]:
    """Parts joined by one operator. Each may rely on the parts before it, and on all parts that cannot fail.

    For `false && failure` is false in either order, so a guard may stand after what it guards.
    """
    said = [literals(part, truth) for part in parts]
    is_safe = [not any(map(form.may_miss, part.every())) for part in parts]
    known = union([known, *compress(said, is_safe)])
    for part, more in zip(parts, said, strict=True):
        yield from unguarded(part, known, form)
        known = union([known, more])


def _line(node: Node, sign: str) -> Iterator[Node]:
    if node.kind == "call" and node.name == sign:
        for part in node.parts:
            yield from _line(part, sign)
    else:
        yield node


def _alternatives(node: Node) -> tuple[tuple[Node, bool, Node], tuple[Node, bool, Node]]:
    when, then, otherwise = node.parts
    return (when, True, then), (when, False, otherwise)


def _literal(node: Node, truth: bool) -> Literal:
    """The literal in normal form: `==` instead of `!=`, with sorted sides."""
    if node.kind == "has":
        return present(node.name, node.parts[0])[0], truth
    if node.kind == "call" and node.name == "@in" and node.parts[0].kind == "const":
        return present(str(node.parts[0].value), node.parts[1])[0], truth
    if node.kind == "call" and node.name in ("_==_", "_!=_"):
        left, right = sorted(map(str, node.parts))
        return f"{left} == {right}", truth is (node.name == "_==_")
    return str(node), truth


def union(parts: Iterable[Known]) -> Known:
    """What is known if all of these are known."""
    whole: set[Literal] = set()
    for part in parts:
        if part is None:
            return None
        whole |= part
    return frozenset(whole)


def _common(alternatives: list[Known]) -> Known:
    """What is known if at least one of these is known."""
    possible = [known for known in alternatives if known is not None]
    return frozenset.intersection(*possible) if possible else None
