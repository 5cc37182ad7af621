"""The syntax tree of a compiled expression, read from the engine's serialised form.

So the check sees exactly what runs later: names are resolved, macros such as `exists` are loops, comments and strings
are parsed. The format is the public `cel.expr.CheckedExpr` of Protocol Buffers; only the parts needed here are read.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from struct import unpack
from typing import Any, Literal

from cel_expr_python import cel

from templates_engine.language.protobuf import fields

Kind = Literal["const", "name", "select", "has", "call", "list", "map", "loop"]
_PLAIN = {1: "BOOL", 2: "INT", 3: "UINT", 4: "DOUBLE", 5: "STRING", 6: "BYTES"}
_KNOWN = {1: "ANY", 2: "TIMESTAMP", 3: "DURATION"}


@dataclass(frozen=True, slots=True)
class Node:
    """One part of an expression. number: the key of its type and its place in the tree.

    kind, name and parts: `const` (value) · `name` (a variable, such as form.n, or a loop's own, such as r@1) · `select`
    and `has` (name: the key; parts: the operand) · `call` (name: the function; parts: the arguments) · `list` · `map`
    (parts: keys and values) · `loop` (name: its variable, value: its accumulator's name; parts: the list, then the
    accumulator's start value, condition, step and result).
    """

    kind: Kind
    number: int
    name: str = ""
    value: Any = None
    parts: tuple["Node", ...] = ()

    def __str__(self) -> str:
        """A text that is equal for parts with equal meaning."""
        if self.kind == "const":
            return repr(self.value)
        return self.name if self.kind == "name" else f"{self.kind}:{self.name}({','.join(map(str, self.parts))})"

    def every(self) -> Iterator["Node"]:
        """This part and all parts inside, in the order of the source."""
        yield self
        for part in self.parts:
            yield from part.every()


def answers(node: Node) -> Iterator[Node]:
    """The parts that an expression's result is made of, without conditions and other parts that only select."""
    yield node
    parts = node.parts
    if node.kind == "call" and node.name == "_?_:_":
        parts = parts[1:]
    elif node.kind == "call" and node.name == "_[_]":
        parts = parts[:1]
    elif node.kind == "loop":
        parts = (*parts[:2], *parts[3:])
    for part in parts:
        yield from answers(part)


class Tree:
    """The syntax tree of a checked expression; at most 32 levels deep, the engine's limit."""

    def __init__(self, expression: cel.Expression) -> None:
        self._checked = _message(_message(expression.serialize())[2][0])
        self.root = _node(self._checked[4][0], {})

    def type_of(self, node: Node) -> str:
        """The type's name, such as LIST<DYN>."""
        raw = self._types.get(node.number)
        return _type_name(raw) if raw else "DYN"

    def place_of(self, node: Node) -> int:
        """The number of characters before it in the source; for a call, before its operator or parenthesis."""
        return self._places.get(node.number, 0)

    @cached_property
    def _types(self) -> dict[int, bytes]:
        return {_number(entry, 1): entry[2][0] for entry in map(_message, self._checked.get(3, ()))}

    @cached_property
    def _places(self) -> dict[int, int]:
        places = _message(self._checked[5][0]).get(4, ())
        return {_number(entry, 1): _number(entry, 2) for entry in map(_message, places)}


def _node(raw: bytes, bound: Mapping[str, str]) -> Node:
    """The node of a serialised part. bound: variables of the loops around it → their unique names."""
    number, kind, content = 0, 0, b""
    for key, _wire, value in fields(raw):
        if key == 2:
            number = value
        else:
            kind, content = key, value
    if kind == 3:
        return Node("const", number, value=_constant(content))
    inner = _message(content)
    if kind == 4:
        name = _text(inner, 1)
        return Node("name", number, bound.get(name, name))
    if kind == 5:
        return Node("has" if 3 in inner else "select", number, _text(inner, 2), None, _all(inner, (1,), bound))
    if kind == 6:
        return Node("call", number, _text(inner, 2), None, _all(inner, (1, 3), bound))
    if kind == 7:
        return Node("list", number, parts=_all(inner, (1,), bound))
    if kind == 8:
        entries = map(_message, inner.get(2, ()))
        return Node("map", number, parts=tuple(part for entry in entries for part in _all(entry, (3, 4), bound)))
    return _loop(inner, number, bound)


def _loop(loop: dict[int, list[Any]], number: int, bound: Mapping[str, str]) -> Node:
    variable, collected = _text(loop, 1), _text(loop, 3)
    mine = {variable: f"{variable}@{len(bound)}", collected: f"{collected}@{len(bound)}"}
    inside = {**bound, **mine}
    outside, steps, result = _all(loop, (2, 4), bound), _all(loop, (5, 6), inside), _all(loop, (7,), inside)
    return Node("loop", number, mine[variable], mine[collected], (*outside, *steps, *result))


def _all(message: Mapping[int, list[Any]], keys: tuple[int, ...], bound: Mapping[str, str]) -> tuple[Node, ...]:
    return tuple(_node(raw, bound) for key in keys for raw in message.get(key, ()))


def _type_name(raw: bytes) -> str:
    """The name as cel.Type.name() gives it; DYN for types that templates do not use."""
    message = _message(raw)
    if 3 in message:
        return _PLAIN.get(message[3][0], "DYN")
    if 5 in message:
        return _KNOWN.get(message[5][0], "DYN")
    if 6 in message:
        inner = _message(message[6][0])
        return f"LIST<{_type_name(inner[1][0]) if 1 in inner else 'DYN'}>"
    if 7 in message:
        inner = _message(message[7][0])
        return f"MAP<{', '.join(_type_name(inner[part][0]) if part in inner else 'DYN' for part in (1, 2))}>"
    return "NULL" if 2 in message else "DYN"


def _constant(raw: bytes) -> Any:
    ((kind, _wire, value),) = fields(raw)
    if kind == 2:
        return bool(value)
    if kind == 3:
        return value - 2**64 if value >= 2**63 else value
    if kind == 5:
        return unpack("<d", value)[0]
    return value.decode() if kind == 6 else None if kind == 1 else value


def _number(message: Mapping[int, list[Any]], field: int) -> int:
    return int(message[field][0]) if field in message else 0


def _text(message: Mapping[int, list[Any]], field: int) -> str:
    return str(message[field][0], "utf-8") if field in message else ""


def _message(raw: bytes) -> dict[int, list[Any]]:
    """Field number → its values: ints, or the bytes of texts and inner messages."""
    found: dict[int, list[Any]] = {}
    for number, _wire, value in fields(raw):
        found.setdefault(number, []).append(value)
    return found
