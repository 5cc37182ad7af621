"""Checks comparisons with parts of times: hours are 0 to 23, days of the week 0 (Sunday) to 6."""

from collections.abc import Iterator, Mapping
from typing import Any

from templates_engine.findings.finding import Finding
from templates_engine.language.clock import OF_DURATIONS
from templates_engine.language.closed import EQUAL, FLIPPED, ORDER, shown, written
from templates_engine.language.syntax import Node, Tree
from templates_engine.text import Text, both

_SPANS: dict[str, tuple[int, int]] = {
    "getMonth": (0, 11),
    "getDate": (1, 31),
    "getDayOfMonth": (0, 30),
    "getDayOfWeek": (0, 6),
    "getDayOfYear": (0, 365),
    "getHours": (0, 23),
    "getMinutes": (0, 59),
    "getSeconds": (0, 59),
    "getMilliseconds": (0, 999),
}
_COUNTED: dict[str, Text] = {
    "getDayOfWeek": both("星期日是 0，星期一是 1，星期六是 6。", "Sunday is 0, Monday 1, Saturday 6."),
    "getMonth": both("一月是 0，十二月是 11。", "January is 0, December 11."),
    "getDayOfMonth": both("一号是 0；按日历数的用 getDate()。", "The first is 0; getDate() counts as calendars do."),
}
_NO_CLOCK = both("日期没有时刻，请用 datetime 字段。", "A day has no time of day: use a field of the type datetime.")


def beyond(tree: Tree, fields: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[Node, Finding]]:
    """The comparisons of a part of a time with a value out of its range."""
    for node in tree.root.every():
        if node.kind != "call" or node.name not in (*EQUAL, *ORDER, "@in"):
            continue
        for index, part in enumerate(node.parts[:1] if node.name == "@in" else node.parts):
            span = _span(part, tree, fields)
            if span:
                sign = FLIPPED.get(node.name, node.name) if index else node.name
                yield from _held(part, sign, node.parts[1 - index], span)


def _span(node: Node, tree: Tree, fields: Mapping[str, Mapping[str, Any]]) -> tuple[int, int] | None:
    """(smallest, largest) value of this part; None if it is not a part of a time."""
    if node.kind != "call" or node.name not in _SPANS:
        return None
    if node.name in OF_DURATIONS:
        if tree.type_of(node.parts[0]) != "TIMESTAMP":
            return None
        if _is_day(node.parts[0], fields):
            return (0, 0)
    return _SPANS[node.name]


def _is_day(node: Node, fields: Mapping[str, Mapping[str, Any]]) -> bool:
    return fields.get(node.name.removeprefix("form."), {}).get("type") == "date"


def _held(part: Node, sign: str, other: Node, span: tuple[int, int]) -> Iterator[tuple[Node, Finding]]:
    for one in written(other):
        value = one.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        if sign in ORDER:
            never = {"_>_": value >= span[1], "_>=_": value > span[1], "_<_": value <= span[0], "_<=_": value < span[0]}
            said = f"{sign.strip('_')} {value}" if never[sign] else ""
        else:
            said = str(value) if not span[0] <= value <= span[1] else ""
        if said:
            details = {"name": f"{shown(part.parts[0])}.{part.name}()", "value": said, "suggestion": _write(part, span)}
            yield one, Finding("impossible_value", "", details)


def _write(part: Node, span: tuple[int, int]) -> Text:
    if span == (0, 0):
        return _NO_CLOCK
    return _COUNTED.get(part.name, both(f"范围是 {span[0]} 到 {span[1]}。", f"It goes from {span[0]} to {span[1]}."))
