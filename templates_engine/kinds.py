"""What a part of an expression is, closer than the engine's own types tell.

To the engine a table's row is map(string, dyn): any key types, and any value compares with anything. To it a day is a
moment like others. A kind is a type as the engine names it (STRING, LIST<DYN>), one of those below, the columns of a
row, or a list of a kind.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Columns = Mapping[str, Mapping[str, Any]]
Kind = str | Columns | tuple["Kind"]

UNKNOWN = "DYN"
NOTHING_YET: Kind = ("",)  # an empty list
DAY = "DAY"  # a timestamp: the beginning of a day in the company's zone
DAYS = "DAYS"  # a date range: a first and a last day
# Cells of a row hold days and moments as texts, because CEL takes no timestamps from outside there.
DAY_TEXT, MOMENT_TEXT, DAYS_TEXT = "DAY TEXT", "MOMENT TEXT", "DAYS TEXT"
TIMES = {DAY_TEXT: DAY, MOMENT_TEXT: "TIMESTAMP"}  # what such a text becomes where a time is needed

OF_CELLS = {"date": DAY_TEXT, "datetime": MOMENT_TEXT, "daterange": DAYS_TEXT}
OF_FIELDS = {"date": DAY, "daterange": DAYS}
_ENGINE = {
    DAY: "TIMESTAMP", DAYS: "MAP<STRING, TIMESTAMP>",
    DAY_TEXT: "STRING", MOMENT_TEXT: "STRING", DAYS_TEXT: "MAP<STRING, STRING>", "row": "MAP<STRING, DYN>",
}  # fmt: skip


def of_field(field: Mapping[str, Any]) -> Kind | None:
    """What a field is; None where the engine's type says all of it."""
    if field["type"] == "table":
        return ({column["key"]: column for column in field["columns"]},)
    return OF_FIELDS.get(field["type"])


def type_name(kind: Kind) -> str:
    """As the engine names it."""
    return f"LIST<{type_name(kind[0])}>" if isinstance(kind, tuple) else _ENGINE.get(shown(kind), shown(kind))


def shown(kind: Kind) -> str:
    """As people are told of it."""
    if isinstance(kind, str):
        return kind or UNKNOWN
    return f"LIST<{shown(kind[0])}>" if isinstance(kind, tuple) else "row"


def element(kind: Kind) -> Kind:
    """What a list of this kind holds."""
    if isinstance(kind, tuple):
        return kind[0] or UNKNOWN
    return kind[5:-1] if isinstance(kind, str) and kind.startswith("LIST<") else UNKNOWN


def is_text_of_time(kind: Kind) -> bool:
    """Whether it holds days or moments as texts: a cell, or a list of cells."""
    return kind in TIMES or (isinstance(kind, tuple) and kind[0] in TIMES)


def as_time(kind: Kind) -> Kind:
    """What it is once its texts are times."""
    if isinstance(kind, tuple):
        return (as_time(kind[0]),)
    return TIMES.get(kind, kind) if isinstance(kind, str) else kind


def common(kinds: list[Kind]) -> Kind:
    """What all of them are; an empty list is a list of anything."""
    known = [kind for kind in kinds if kind != NOTHING_YET]
    if not known:
        return NOTHING_YET
    if all(kind == known[0] for kind in known):
        return known[0]
    names = {type_name(kind) for kind in known}  # days among moments, cells among texts
    return names.pop() if len(names) == 1 and all(isinstance(kind, str) for kind in known) else UNKNOWN


def fit(wanted: tuple[str, ...], parts: list[Kind]) -> bool:
    """Whether these operands may be of the wanted types; A is one type for all of them."""
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
