"""Translates the engine's type errors for authors, in both languages."""

import re

from templates_engine.language.foreign_names import CALLS, NAMES
from templates_engine.language.hints import Hint
from templates_engine.text import Text, both, localize

_OVERLOAD = re.compile(r"found no matching overload for '([^']+)' applied to '(.*)'")
_SELECT = re.compile(r"expression of type '(.+)' cannot be the operand of a select operation")
_SYNTAX = re.compile(
    r"Syntax error: (?:mismatched|extraneous) input '(.*?)' expecting|Syntax error: missing '(.*?)' at"
)
_TOKEN = re.compile(r"Syntax error: token recognition error at: '(.*)'")
_RESERVED = re.compile(r"reserved identifier: (\w+)")
_PART = re.compile(r"\.\s*(\w+)")
TIME, NUMBERS = "google.protobuf.Timestamp", ("int", "double", "uint")
_TYPES = {
    "string": ("文字", "a text"),
    "int": ("整数", "a whole number"),
    "double": ("小数", "a decimal"),
    "bool": ("真假", "true or false"),
    TIME: ("时间", "a time"),
    "timestamp": ("时间", "a time"),
    "day": ("日期", "a day"),
    "day text": ("日期", "a day"),
    "moment text": ("时间", "a time"),
    "google.protobuf.Duration": ("时长", "a duration"),
    "duration": ("时长", "a duration"),
    "null_type": ("null", "null"),
    "row": ("一行", "a row"),
}
_SIGNS = {"!_": "!", "-_": "-", "_[_]": "[ ]", "@in": "in", "_?_:_": "? :"}
_ORDER = ("_<_", "_<=_", "_>_", "_>=_")
_EQUAL = ("_==_", "_!=_")
_DAY = both(
    "日期写成 date('2026-12-01')，时间写成 timestamp('2026-12-01T09:00:00+08:00')。",
    "A day is date('2026-12-01'), a time timestamp('2026-12-01T09:00:00+08:00').",
)
_DEFAULT = both("文字要加引号；类型不同的值不能比较。", "Quote texts, and compare values of one kind only.")


def hint_for(problem: str, source: str, place: int) -> Hint:
    """A hint from the engine's error message for this place."""
    overload, select = _OVERLOAD.search(problem), _SELECT.search(problem)
    if overload:
        return Hint(*_misfit(overload[1], _arguments(overload[2])), place)
    if select:
        return Hint(*_selected(select[1], _PART.match(source, place)), place)
    syntax, token, reserved = _SYNTAX.search(problem), _TOKEN.search(problem), _RESERVED.search(problem)
    if syntax and syntax[1] == "<EOF>":
        return Hint(both("表达式没有写完", "The expression is not finished"), "", place)
    if syntax and syntax[1]:
        return Hint(both(f"这里不能写 {syntax[1][:40]}", f"{syntax[1][:40]} cannot stand here"), "", place)
    if token:
        return Hint(both(f"看不懂 {token[1].strip()[:40]}", f"{token[1].strip()[:40]} is not understood"), "", place)
    if reserved:
        return Hint(both(f"{reserved[1]} 是保留字", f"{reserved[1]} is a reserved word"), "", place)
    return Hint(problem.removeprefix("Syntax error: ").partition("\n")[0][:300], "", place)


def _misfit(name: str, types: list[str]) -> tuple[Text, Text]:
    """(problem, advice) for an operator or function with operands that it does not accept."""
    sign = _SIGNS.get(name, name.strip("_@"))
    zh, en = (
        "、".join(localize(_type(kind), "zh") for kind in types),
        " and ".join(localize(_type(kind), "en") for kind in types),
    )
    problem = both(f"{sign} 不能用于 {zh}", f"{sign} does not take {en}")
    return problem, both(*CALLS[name]) if name in CALLS else _instead(name, types)


def _instead(name: str, types: list[str]) -> Text:
    """What to write instead of this use."""
    kinds = set(types)
    is_comparison = name in _ORDER or name in _EQUAL
    if "null_type" in kinds:
        return both("问有没有填，写 has(form.x)。", "To test whether a field has a value, write has(form.x).")
    if name == "@in":
        return both("列表用方括号：form.x in ['a', 'b']。", "A list needs square brackets: form.x in ['a', 'b'].")
    if name in ("_&&_", "_||_", "!_"):
        return both(
            "这里要条件：文字写 form.x != ''，列表写 size(form.x) > 0，数字写 form.x > 0。",
            "Write a condition: for a text form.x != '', for a list size(form.x) > 0, for a number form.x > 0.",
        )
    if name in _ORDER and types[:1] == ["bool"]:
        return both("连着比较要拆开：a < form.x && form.x < b。", "Write two comparisons: a < form.x && form.x < b.")
    if is_comparison and kinds & {"google.protobuf.Duration", "duration"}:
        return both("时长写成 duration('72h')。", "A duration is duration('72h').")
    if is_comparison and "bool" in kinds:
        return both("开关直接写 form.x 或 !form.x。", "For a switch, write form.x or !form.x.")
    if is_comparison and kinds & {TIME, "timestamp", "day", "day text", "moment text"}:
        return _DAY
    if name in ("_+_", "_-_") and kinds & {TIME, "timestamp", "day"}:
        return both("时间加减写成 form.x + duration('2h')。", "Add to a time with form.x + duration('2h').")
    if any(kind.startswith("list") for kind in types) and "string" in kinds:
        return both("列表里有没有，写 'a' in form.x。", "To test whether a list contains it, write 'a' in form.x.")
    if is_comparison and "string" in kinds and kinds & set(NUMBERS):
        return both(
            "数字不加引号：form.x > 100；文字要加引号。",
            "Numbers have no quotes, as in form.x > 100; texts have quotes.",
        )
    if name == "_+_" and "string" in kinds:
        return both("数字先变成文字：'…' + text(form.x)。", "Convert the number to a text first: '…' + text(form.x).")
    if name == "_%_":
        return both("取余只用于整数：int(form.x) % 2。", "Only whole numbers have a remainder: int(form.x) % 2.")
    return _DEFAULT


def _selected(kind: str, part: re.Match[str] | None) -> tuple[Text, Text]:
    """(problem, advice) for a part of a value that has no parts: form.text.length."""
    name = part[1] if part else ""
    zh, en = localize(_type(kind), "zh"), localize(_type(kind), "en")
    problem = both(f"{zh}没有 {name} 这一部分", f"{en[:1].upper()}{en[1:]} has no part {name}")
    if name == "size":
        return problem, both(*NAMES["len"])
    if name in NAMES or name in CALLS:
        return problem, both(*(NAMES | CALLS)[name])
    if kind.startswith("list(map"):
        return problem, both(
            f"表格要指明哪一行：form.x.exists(r, r.{name} == …) 或 form.x[0].{name}。",
            f"Name the row of the table: form.x.exists(r, r.{name} == …), or form.x[0].{name}.",
        )
    return problem, both("字段的值直接写 form.x，后面不再加点。", "A field's value is form.x, with nothing behind it.")


def _type(kind: str) -> Text:
    if kind.startswith("list"):
        return both("列表", "a list")
    if kind.startswith("map"):
        return both("一行", "a row")
    return both(*_TYPES.get(kind, (kind, kind)))


def type_words(name: str) -> Text:
    """The type of an expression in words: INT, LIST<STRING> …"""
    return _type({"TIMESTAMP": TIME, "DURATION": "duration"}.get(name, name.lower()))


def _arguments(shown: str) -> list[str]:
    """The types in an argument list such as `(list(map(string, dyn)), string)`."""
    found, depth, start = [], 0, 1
    for place, sign in enumerate(shown):
        if sign in "(<":
            depth += 1
        elif sign in ")>":
            depth -= 1
        if (sign == "," and depth == 1) or (depth == 0 and place):
            found.append(shown[start:place].strip())
            start = place + 1
    return [kind for kind in found if kind]
