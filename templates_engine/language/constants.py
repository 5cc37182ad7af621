"""Finds calls with literal arguments that always fail, before they run."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from cel_expr_python import cel

from templates_engine.language import clock
from templates_engine.language.syntax import Node
from templates_engine.reading.patterns import is_pattern
from templates_engine.text import Text, both

Refusal = tuple[Node, Text, Text]  # where; what is wrong; what to write
CALLS = re.compile(r"\b(?:duration|timestamp|date|int|double|uint|matches|get[A-Z][A-Za-z]+)\s*\(|[/%]")
_MADE = ("duration", "timestamp", "date", "int", "double", "uint")
_DAYS = re.compile(r"(\d+(?:\.\d+)?)\s*(?:d|days?|天|w)\Z")
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2})?)?\Z")
_WRITE: dict[str, Text] = {
    "duration": both("单位是 h、m、s：duration('72h')、'1h30m'。", "Units are h, m and s: duration('72h'), '1h30m'."),
    "timestamp": both("写成 timestamp('2026-12-01T09:00:00+08:00')，日期写成 date('2026-12-01')。",
                      "Write timestamp('2026-12-01T09:00:00+08:00'); a day is date('2026-12-01')."),
    "date": both("写成 date('2026-12-01')，2000 到 2100 年。", "Write date('2026-12-01'), from 2000 to 2100."),
    "int": both("写成整数，例如 3。", "Write a whole number, such as 3."),
    "double": both("写成小数，例如 1.5。", "Write a decimal, such as 1.5."),
    "uint": both("写成整数，例如 3。", "Write a whole number, such as 3."),
}  # fmt: skip
_PATTERN = both("正则表达式用 RE2 的写法：没有前后断言和反向引用，括号要成对。",
                "Patterns use RE2 syntax: no look-around, no back references, and balanced brackets.")  # fmt: skip
_ZONE = both(
    "写成 'Asia/Shanghai' 或 '+08:00'；不写就是公司的时区。",
    "Write 'Asia/Shanghai' or '+08:00'; without, it is the company's.",
)
_NOUGHT = both("换一个除数。", "Divide by something else.")


def never(root: Node, compiled: Callable[[str], cel.Expression]) -> Iterator[Refusal]:
    """The calls that always fail, whatever the form holds. compiled: source → runnable expression."""
    for node in root.every():
        last: Any = node.parts[-1].value if node.parts and node.parts[-1].kind == "const" else None
        if node.kind != "call" or last is None:
            continue
        if node.name == "matches" and isinstance(last, str) and not is_pattern(last):
            problem = both(f"{last} 不是合法的正则表达式（RE2）", f"{last} is no regular expression (RE2)")
            yield node, problem, _PATTERN
        elif node.name in _MADE and isinstance(last, str) and not _gives(f"{node.name}({_written(last)})", compiled):
            problem = both(f"{node.name}('{last}') 总是失败", f"{node.name}('{last}') always fails")
            yield node, problem, _instead(node.name, last.strip())
        elif node.name in clock.PARTS and len(node.parts) > 1 and not _is_zone(last):
            yield node, both(f"没有时区 {last}", f"There is no time zone {last}"), _ZONE
        elif node.name in ("_/_", "_%_") and last == 0:
            yield node, both("除数是 0，总是失败", "This divides by zero and always fails"), _NOUGHT


def _gives(source: str, compiled: Callable[[str], cel.Expression]) -> bool:
    try:
        return bool(compiled(source).eval(data={}).type() != cel.Type.ERROR)
    except RuntimeError:
        return False


def _written(text: str) -> str:
    """The text as a CEL literal."""
    return '"' + "".join(f"\\u{ord(sign):04x}" if sign in '"\\' or sign < " " else sign for sign in text) + '"'


def _is_zone(name: Any) -> bool:
    try:
        clock.zone(str(name))
    except ValueError:
        return False
    return True


def _instead(name: str, text: str) -> Text:
    days, moment = _DAYS.match(text), _DATE.match(text)
    if name == "duration" and days:
        hours = float(days[1]) * 24 * (7 if text.endswith("w") else 1)
        return both(
            f"没有天这个单位，写成 duration('{hours:g}h')。", f"There is no unit of days: write duration('{hours:g}h')."
        )
    if name == "timestamp" and moment and not moment[2]:
        whole = f"timestamp('{moment[1]}T00:00:00+08:00')"
        return both(
            f"日期写成 date('{moment[1]}')，时间写成 {whole}。", f"A day is date('{moment[1]}'), a time {whole}."
        )
    if name == "timestamp" and moment:
        whole = f"timestamp('{moment[1]}T{moment[2]}{moment[3] or ':00'}+08:00')"
        return both(f"时间要带时区：{whole}。", f"A time needs its zone: {whole}.")
    return _WRITE[name]
