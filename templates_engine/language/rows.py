"""Type information that the engine lacks: the columns of tables, their types, and which times are dates.

The kinds of values are followed through the syntax tree, from `form.items` through loops, lists and indexes to their
use. The results serve the check and the translation (translate.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from templates_engine.fields import CELL_TYPES
from templates_engine.fields.amount import Money, Number
from templates_engine.fields.moment import DAY, DAY_TEXT, DAYS, DAYS_TEXT, DateRange
from templates_engine.findings.finding import Finding, suggest
from templates_engine.language import functions
from templates_engine.language.clock import OF_DURATIONS, PARTS
from templates_engine.language.engine import SIGNATURES, Signature
from templates_engine.language.syntax import Node, Tree
from templates_engine.language.value_types import (
    NOTHING_YET,
    UNKNOWN,
    Columns,
    Kind,
    as_time,
    common,
    element,
    fit,
    is_text_of_time,
    shown,
    type_name,
)
from templates_engine.parts import Field
from templates_engine.text import Text, both

_TEXT = ((("string", "string"), "bool"),)
_PARTS = ((("timestamp",), "int"), (("timestamp", "string"), "int"))
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
    "string": tuple(
        ((kind,), "string") for kind in ("bool", "int", "uint", "double", "string", "bytes", "timestamp", "duration")
    ),
    **{name: (*_PARTS, *((("duration",), "int"),) * (name in OF_DURATIONS)) for name in PARTS},
}
_UNSURE = {"DOUBLE", "DYN"}  # types that our own functions calculate with
_OF_TIMES = {"_<_", "_<=_", "_>_", "_>=_", "_==_", "_!=_", "timestamp", "date", "text", "string"}
NO_NUMBERS = both("sum 只能合计数字", "sum adds up numbers only")
NO_COLUMN = both(
    "写成 sum(form.表格, '列')，列名用引号写出来", "write sum(form.table, 'column'), with the column's key in quotes"
)


@dataclass
class Rows:
    """The results for one expression.

    unknown: columns that do not exist. unfit: uses that do not type, with the engine's error message. optional: number
    → name of each part that reads a cell that may be empty and then does not exist. cells: number → column of each cell
    that is read. names: number → function that a call is translated to. texts: number → function that turns this text
    into a time. decimals: number → decimals of an amount of money that is written as text.
    """

    tree: Tree
    known: Mapping[str, Kind]
    money: Mapping[str, int] = field(default_factory=dict)
    unknown: list[Finding] = field(default_factory=list)
    unfit: list[tuple[Node, Text]] = field(default_factory=list)
    optional: dict[int, str] = field(default_factory=dict)
    cells: dict[int, Field] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)
    decimals: dict[int, int] = field(default_factory=dict)
    kind: Kind = UNKNOWN

    def __post_init__(self) -> None:
        self._money: dict[int, int] = {}
        self.kind = self._kind(self.tree.root, self.known)

    def _kind(self, node: Node, names: Mapping[str, Kind]) -> Kind:
        if node.kind == "name":
            if node.name in self.money:
                self._money[node.number] = self.money[node.name]
            return names.get(node.name) or self.tree.type_of(node)
        if node.kind == "loop":
            return self._loop(node, names)
        parts = [self._kind(part, names) for part in node.parts]
        if node.kind in ("select", "has") and parts[0] in (DAYS, DAYS_TEXT):
            return self._end(node, parts[0])
        if node.kind in ("select", "has") and isinstance(parts[0], Mapping):
            return self._cell(node, node.name, parts[0])
        if node.kind == "list":
            return (common(parts),) if parts else NOTHING_YET
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
        return self._kind(node.parts[4], {**names, str(node.value): common([beginning, step])})

    def _end(self, node: Node, of: Kind) -> Kind:
        """The kind of the first or the last day of a date range."""
        whose, ends = node.parts[0].name, DateRange.parts
        if node.name not in ends:
            known = [f"{whose}.{end}" for end in ends]
            details = {"name": f"{whose}.{node.name}", "suggestion": suggest(f"{whose}.{node.name}", known)}
            self.unknown.append(Finding("unknown_field", "", details))
        return "BOOL" if node.kind == "has" else DAY if of == DAYS else DAY_TEXT

    def _cell(self, node: Node, key: str, columns: Columns) -> Kind:
        shown_as = f"{str(node.parts[0]).partition('@')[0]}.{key}" if node.parts[0].kind == "name" else key
        if key not in columns:
            self.unknown.append(Finding("unknown_field", "", {"name": shown_as, "suggestion": suggest(key, columns)}))
            return UNKNOWN
        if node.kind == "has":
            return "BOOL"
        self.cells[node.number] = column = columns[key]
        kind = CELL_TYPES[column["type"]]
        if not column.get("required") and kind.empty() is None:
            self.optional[node.number] = shown_as
        if isinstance(kind, Money):
            self._money[node.number] = kind.precision(column)
        return kind.cell_kind or kind.cel_type(column).name()

    def _call(self, node: Node, parts: list[Kind]) -> Kind:
        if node.name == "_[_]":
            key = node.parts[1]
            if isinstance(parts[0], Mapping):
                return self._cell(node, str(key.value), parts[0]) if key.kind == "const" else UNKNOWN
            return element(parts[0]) if isinstance(parts[0], tuple) else self.tree.type_of(node)
        if node.name == "_?_:_":
            return common(parts[1:])
        if node.name == "sum":
            return self._sum(node, parts)
        parts, result = self._used(node, parts)
        self._rename(node, parts)
        if node.name == "_+_" and all(isinstance(part, tuple) for part in parts):
            return common(parts)
        return DAY if node.name == "date" else result

    def _used(self, node: Node, parts: list[Kind]) -> tuple[list[Kind], Kind]:
        """(kinds of the operands as used, kind of the result): texts of dates and times become times where needed."""
        own: Kind = self.tree.type_of(node)
        types = "".join(self.tree.type_of(part) for part in node.parts)
        if node.name not in _USES or not ("DYN" in types or any(map(is_text_of_time, parts))):
            return parts, own
        for reading in _readings(node.name, parts):
            fitting = [
                gives for wanted, gives in _USES[node.name] if len(wanted) == len(reading) and fit(wanted, reading)
            ]
            if fitting:
                for part, kind, taken in zip(node.parts, parts, reading, strict=True):
                    if kind != taken:
                        self.texts[part.number] = functions.TIMES if isinstance(kind, tuple) else functions.TIME
                sure = len(set(fitting)) == 1 and "<" not in fitting[0] and fitting[0] != "A"
                return reading, fitting[0].upper() if sure else own
        given = ", ".join(shown(part).lower() for part in parts)
        self.unfit.append((node, f"found no matching overload for '{node.name}' applied to '({given})'"))
        return parts, UNKNOWN

    def _rename(self, node: Node, parts: list[Kind]) -> None:
        """Choose our own function for a call that the engine would not evaluate as meant."""
        first, name = parts[0] if parts else UNKNOWN, node.name
        is_day = first == DAY
        if name in functions.CALCULATED:
            self._count_decimals(node, parts)
            if name == "_-_" and parts == [DAY, DAY]:
                self.names[node.number] = functions.DAYS
            elif _UNSURE & {type_name(part) for part in parts}:
                self.names[node.number] = f"@{name}"
        elif name in PARTS and type_name(first) != "DURATION":
            self.names[node.number] = f"@day.{name}" if is_day else f"@{name}"
        elif name in ("string", "text") and is_day:
            self.names[node.number] = functions.DAY_TEXT
        elif name == "text" and node.parts[0].number in self._money:
            self.names[node.number] = functions.MONEY
            self.decimals[node.number] = self._money[node.parts[0].number]
        elif name in ("text", "date") or (name == "string" and type_name(first) in _UNSURE):
            self.names[node.number] = f"@{name}"

    def _count_decimals(self, node: Node, parts: list[Kind]) -> None:
        """Track decimals of money: sums of money are money, and so is money times a whole number."""
        counts = [
            self._money.get(part.number, 0 if kind == "INT" else -1)
            for part, kind in zip(node.parts, parts, strict=True)
        ]
        is_money = any(part.number in self._money for part in node.parts) and -1 not in counts
        if is_money and (node.name in ("_+_", "_-_") or (node.name == "_*_" and "INT" in parts)):
            self._money[node.number] = max(counts)

    def _sum(self, node: Node, parts: list[Kind]) -> Kind:
        self.names[node.number] = "@sum"
        if len(parts) == 1:
            of = element(parts[0])
            if of not in ("INT", "DOUBLE", UNKNOWN):
                self.unfit.append((node, NO_NUMBERS))
            return of
        columns, key = element(parts[0]), node.parts[1]
        if not isinstance(columns, Mapping) or key.kind != "const":
            self.unfit.append((node, NO_COLUMN))
            return UNKNOWN
        if key.value not in columns:
            details = {"name": key.value, "suggestion": suggest(str(key.value), columns)}
            self.unknown.append(Finding("unknown_field", "", details))
            return UNKNOWN
        column = columns[key.value]
        kind = CELL_TYPES[column["type"]]
        if not isinstance(kind, Number):
            self.unfit.append((node, NO_NUMBERS))
            return UNKNOWN
        if isinstance(kind, Money):
            self._money[node.number] = kind.precision(column)
        return kind.cel_type(column).name()


def _readings(name: str, parts: list[Kind]) -> list[list[Kind]]:
    """The operands as they are, and with texts of times as times; in the order in which to try them."""
    times = [as_time(part) for part in parts]
    if times == parts:
        return [parts]
    meets_text = any(type_name(part) == "STRING" for part in parts if not is_text_of_time(part))
    return [times, parts] if name in _OF_TIMES and not meets_text else [parts, times]
