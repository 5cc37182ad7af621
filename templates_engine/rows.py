"""What the engine cannot know of a table's rows: which columns there are, and what is in them.

To the engine a row is map(string, dyn): any key types, and any value compares with anything. Here the kinds of cells
are carried through the syntax tree, from `form.items` by way of loops, lists and indexes to where they are used.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from templates_engine.engine import SIGNATURES, Signature
from templates_engine.fields import CELL_TYPES
from templates_engine.findings import Finding, suggest
from templates_engine.syntax import Node, Tree

# A kind is a type as the engine names it (STRING, LIST<DYN>), the columns of a row, or a list of a kind.
Columns = Mapping[str, Mapping[str, Any]]
Kind = str | Columns | tuple["Kind"]
UNKNOWN = "DYN"
NOTHING_YET: Kind = ("",)  # an empty list

_TEXT = ((("string", "string"), "bool"),)
_USES: dict[str, tuple[Signature, ...]] = {
    **SIGNATURES,
    **dict.fromkeys(("startsWith", "endsWith", "contains", "matches"), _TEXT),
    **dict.fromkeys(("_&&_", "_||_"), ((("bool", "bool"), "bool"),)),
    "!_": ((("bool",), "bool"),),
    "-_": tuple(((kind,), kind) for kind in ("int", "double")),
    "size": tuple(((kind,), "int") for kind in ("string", "list<A>", "map<A, B>")),
    "timestamp": tuple(((kind,), "timestamp") for kind in ("string", "int", "timestamp")),
    "duration": tuple(((kind,), "duration") for kind in ("string", "int", "duration")),
    "int": tuple(((kind,), "int") for kind in ("int", "uint", "double", "string", "timestamp")),
    "double": tuple(((kind,), "double") for kind in ("int", "uint", "double", "string")),
}


@dataclass
class Rows:
    """The cells that one expression reads.

    unknown: columns that do not exist. unfit: uses that do not type, with what the engine would say. optional: the
    parts that read a cell which may be empty and then does not exist, by number.
    """

    tree: Tree
    names: Mapping[str, Kind]
    unknown: list[Finding] = field(default_factory=list)
    unfit: list[tuple[Node, str]] = field(default_factory=list)
    optional: dict[int, str] = field(default_factory=dict)
    kind: Kind = UNKNOWN

    def __post_init__(self) -> None:
        self.kind = self._kind(self.tree.root, self.names)

    def _kind(self, node: Node, names: Mapping[str, Kind]) -> Kind:
        if node.kind == "name":
            return names.get(node.name) or self.tree.type_of(node)
        if node.kind == "loop":
            return self._loop(node, names)
        parts = [self._kind(part, names) for part in node.parts]
        if node.kind in ("select", "has") and isinstance(parts[0], Mapping):
            return self._cell(node, node.name, parts[0])
        if node.kind == "list":
            return (_common(parts),) if parts else NOTHING_YET
        if node.kind == "call":
            return self._call(node, parts)
        return self.tree.type_of(node)

    def _loop(self, node: Node, names: Mapping[str, Kind]) -> Kind:
        over = self._kind(node.parts[0], names)
        beginning = self._kind(node.parts[1], names)
        item = "STRING" if isinstance(over, Mapping) else element(over)
        inside = {**names, node.name: item, str(node.value): beginning}
        for part in node.parts[2:3]:
            self._kind(part, inside)
        step = self._kind(node.parts[3], inside)
        return self._kind(node.parts[4], {**names, str(node.value): _common([beginning, step])})

    def _cell(self, node: Node, key: str, columns: Columns) -> Kind:
        shown = f"{str(node.parts[0]).partition('@')[0]}.{key}" if node.parts[0].kind == "name" else key
        if key not in columns:
            self.unknown.append(Finding("unknown_field", "", {"name": shown, "suggestion": suggest(key, columns)}))
            return UNKNOWN
        if node.kind == "has":
            return "BOOL"
        column = columns[key]
        kind = CELL_TYPES[column["type"]]
        if not column.get("required") and kind.empty() is None:
            self.optional[node.number] = shown
        return kind.cel_type(dict(column)).name().replace("TIMESTAMP", "STRING")

    def _call(self, node: Node, parts: list[Kind]) -> Kind:
        if node.name == "_[_]":
            key = node.parts[1]
            if isinstance(parts[0], Mapping):
                return self._cell(node, str(key.value), parts[0]) if key.kind == "const" else UNKNOWN
            return element(parts[0]) if isinstance(parts[0], tuple) else self.tree.type_of(node)
        if node.name == "_?_:_":
            return _common(parts[1:])
        if node.name == "_+_" and all(isinstance(part, tuple) for part in parts):
            return _common(parts)
        types = [self.tree.type_of(part) for part in node.parts]
        if node.name not in _USES or "DYN" not in "".join(types):
            return self.tree.type_of(node)
        fitting = [result for wanted, result in _USES[node.name] if len(wanted) == len(parts) and _fit(wanted, parts)]
        if not fitting:
            shown = ", ".join(_name(part).lower() for part in parts)
            self.unfit.append((node, f"found no matching overload for '{node.name}' applied to '({shown})'"))
            return UNKNOWN
        return fitting[0].upper() if len(set(fitting)) == 1 and "<" not in fitting[0] else self.tree.type_of(node)


def type_name(kind: Kind) -> str:
    """As the engine names it."""
    return _name(kind).replace("row", "MAP<STRING, DYN>")


def element(kind: Kind) -> Kind:
    """What a list of this kind holds."""
    if isinstance(kind, tuple):
        return kind[0] or UNKNOWN
    return kind[5:-1] if isinstance(kind, str) and kind.startswith("LIST<") else UNKNOWN


def _name(kind: Kind) -> str:
    if isinstance(kind, str):
        return kind or UNKNOWN
    return f"LIST<{_name(kind[0])}>" if isinstance(kind, tuple) else "row"


def _common(kinds: list[Kind]) -> Kind:
    """What all of them are; an empty list is a list of anything."""
    known = [kind for kind in kinds if kind != NOTHING_YET]
    if not known:
        return NOTHING_YET
    return known[0] if all(kind == known[0] for kind in known) else UNKNOWN


def _fit(wanted: tuple[str, ...], parts: list[Kind]) -> bool:
    """Whether these operands may be of the wanted types; A is one type for all of them."""
    same: dict[str, str] = {}
    return all(_fits(kind, _name(part), same) for kind, part in zip(wanted, parts, strict=True))


def _fits(wanted: str, kind: str, same: dict[str, str]) -> bool:
    if "DYN" in kind or kind == "row":
        return kind == "DYN" or _outer(wanted) in ("A", "B", _outer(kind).lower().replace("row", "map"))
    if wanted in ("A", "B"):
        return same.setdefault(wanted, kind) == kind
    if "<" in wanted:
        inner = zip(_inside(wanted), _inside(kind), strict=False)
        return _outer(wanted) == _outer(kind).lower() and all(_fits(one, other, same) for one, other in inner)
    return wanted == kind.lower()


def _outer(name: str) -> str:
    return name.partition("<")[0]


def _inside(name: str) -> Iterator[str]:
    yield from name.partition("<")[2][:-1].split(", ")
