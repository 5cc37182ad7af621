"""Is what an expression reads surely there? What may be empty must be asked for first (`unguarded_field`).

A literal is a part of a condition with its truth. Literals are known where an earlier part of `&&` (for `||`: its
being false), a ternary's condition, or a case around the expression has decided them. A field is there where
`'key' in filled` is known, or where it is shown and required by conditions that follow from what is known.
"""

from collections.abc import Iterable, Iterator
from itertools import compress
from typing import Protocol

from templates_engine.syntax import Node

Literal = tuple[str, bool]
Known = frozenset[Literal] | None  # None: nothing ever comes here, so anything holds
NOTHING: frozenset[Literal] = frozenset()


class Form(Protocol):
    """What guards ask of a form."""

    def may_miss(self, node: Node) -> bool:
        """Whether this part reads what may not be there: a field, or a cell of a row."""

    def is_there(self, node: Node, known: Known) -> bool:
        """Whether what is known says that it is there."""


def present(key: str, whose: object = "filled") -> Literal:
    """What `'key' in filled` says; of a row what `has(row.key)` and `'key' in row` say."""
    return f"{key} in {whose}", True


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


def unguarded(node: Node, known: Known, form: Form) -> Iterator[Node]:
    """The parts that read what may not be there, in their order."""
    if form.may_miss(node) and not form.is_there(node, known):
        yield node
    if node.kind == "call" and node.name in ("_&&_", "_||_"):
        yield from _in_line(list(_line(node, node.name)), node.name == "_&&_", known, form)
    elif node.kind == "call" and node.name == "_?_:_":
        yield from unguarded(node.parts[0], known, form)
        for when, which, then in _ways(node):
            yield from unguarded(then, union([known, literals(when, which)]), form)
    else:
        for part in node.parts:
            yield from unguarded(part, known, form)


def _in_line(parts: list[Node], truth: bool, known: Known, form: Form) -> Iterator[Node]:
    """Parts joined by one sign. Each counts on those before it; and all on those that cannot fail themselves.

    For `false && failure` is false, whichever stands first: a guard may stand behind what it guards.
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


def _ways(node: Node) -> tuple[tuple[Node, bool, Node], tuple[Node, bool, Node]]:
    when, then, otherwise = node.parts
    return (when, True, then), (when, False, otherwise)


def _literal(node: Node, truth: bool) -> Literal:
    """In one form, however it is written: `==` for `!=`, its sides in one order."""
    if node.kind == "has":
        return present(node.name, node.parts[0])[0], truth
    if node.kind == "call" and node.name == "@in" and node.parts[0].kind == "const":
        return present(str(node.parts[0].value), node.parts[1])[0], truth
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
