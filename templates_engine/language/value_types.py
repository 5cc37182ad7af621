"""Kinds: types of parts of an expression, more exact than the engine's types.

For the engine a table's row is map(string, dyn): any key types, and any value compares with anything; a date is a time
like any other. A kind is a type name of the engine (STRING, LIST<DYN>), one of the names below, the columns of a row,
or a list of a kind.
"""

from collections.abc import Iterator, Mapping

from templates_engine.fields import FIELD_TYPES
from templates_engine.fields.moment import DAY, DAY_TEXT, DAYS, DAYS_TEXT, MOMENT_TEXT
from templates_engine.parts import Field

Columns = Mapping[str, Field]
Kind = str | Columns | tuple["Kind"]

UNKNOWN = "DYN"
NOTHING_YET: Kind = ("",)  # an empty list
TIMES = {DAY_TEXT: DAY, MOMENT_TEXT: "TIMESTAMP"}  # the kind of such a text after conversion to a time

_ENGINE = {
    DAY: "TIMESTAMP", DAYS: "MAP<STRING, TIMESTAMP>",
    DAY_TEXT: "STRING", MOMENT_TEXT: "STRING", DAYS_TEXT: "MAP<STRING, STRING>", "row": "MAP<STRING, DYN>",
}  # fmt: skip


def of_field(field: Field) -> Kind | None:
    """The kind of a field; None if the engine's type is exact."""
    if field["type"] == "table":
        return ({column["key"]: column for column in field["columns"]},)
    return FIELD_TYPES[field["type"]].kind or None


def type_name(kind: Kind) -> str:
    """The engine's name of this kind."""
    return f"LIST<{type_name(kind[0])}>" if isinstance(kind, tuple) else _ENGINE.get(shown(kind), shown(kind))


def shown(kind: Kind) -> str:
    """The name of this kind in messages."""
    if isinstance(kind, str):
        return kind or UNKNOWN
    return f"LIST<{shown(kind[0])}>" if isinstance(kind, tuple) else "row"


def element(kind: Kind) -> Kind:
    """The kind of the elements of a list of this kind."""
    if isinstance(kind, tuple):
        return kind[0] or UNKNOWN
    return kind[5:-1] if isinstance(kind, str) and kind.startswith("LIST<") else UNKNOWN


def is_text_of_time(kind: Kind) -> bool:
    """Whether it holds dates or times as texts: a cell, or a list of cells."""
    return kind in TIMES or (isinstance(kind, tuple) and kind[0] in TIMES)


def as_time(kind: Kind) -> Kind:
    """The kind after its texts are converted to times."""
    if isinstance(kind, tuple):
        return (as_time(kind[0]),)
    return TIMES.get(kind, kind) if isinstance(kind, str) else kind


def common(kinds: list[Kind]) -> Kind:
    """The common kind of all these; an empty list fits any list."""
    known = [kind for kind in kinds if kind != NOTHING_YET]
    if not known:
        return NOTHING_YET
    if all(kind == known[0] for kind in known):
        return known[0]
    names = {type_name(kind) for kind in known}  # dates mixed with times, cells mixed with texts
    return names.pop() if len(names) == 1 and all(isinstance(kind, str) for kind in known) else UNKNOWN


def fit(wanted: tuple[str, ...], parts: list[Kind]) -> bool:
    """Whether these operands may have the wanted types; A stands for one type throughout."""
    same: dict[str, str] = {}
    return all(_fits(kind, type_name(part), same) for kind, part in zip(wanted, parts, strict=True))


def _fits(wanted: str, kind: str, same: dict[str, str]) -> bool:
    if "DYN" in kind:
        return kind == "DYN" or _outer(wanted) in ("A", "B", _outer(kind).lower())
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
