"""An upper limit for what an expression can build, from its text and the size of its input (A36).

CEL limits loops to 10,000 turns, but not what one turn builds: `[x].map(a, a + a).map(b, b + b)…` doubles with every
step, and lists of lists are compared leaf by leaf. So the worst case is estimated before anything runs: every `+` and
every comma may double, every loop may run over the longest list. It is a limit, not a forecast.
"""

import re
from functools import lru_cache
from typing import Any

MOST = 100_000_000  # leaves or characters; in the worst case seconds, and about as many bytes
TURNS = 10_000  # of all loops of one evaluation, CEL's own limit
SMALL = 16  # without loops and with at most this many joins, nothing can grow

TEXT = re.compile(  # strings and comments
    r"""//[^\n]*|(?:[bB]?[rR])(?:\"{3}[\s\S]*?\"{3}|'{3}[\s\S]*?'{3}|"[^"\n]*"|'[^'\n]*')"""
    r"""|\"{3}(?:\\[\s\S]|[^\\])*?\"{3}|'{3}(?:\\[\s\S]|[^\\])*?'{3}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'"""
)
_TOKEN = re.compile(r"&&|\|\||[()\[\]{}]")
_LOOP = re.compile(r"\.\s*(?:map|filter|all|exists|exists_one|existsOne)\s*\(")
_JOIN = re.compile(r"[+,]")


def worst_cost(source: str, data: dict[str, Any]) -> int:
    """The most leaves and characters that can be built or compared; 0 if the expression is surely small."""
    shapes = operands(source)
    if all(loops == 0 and joins <= SMALL for loops, joins in shapes):
        return 0
    parts, longest_list, longest_text = _measure(data)
    return max(_worst(loops, joins, parts + len(source), longest_list, longest_text) for loops, joins in shapes)


def _worst(loops: int, joins: int, parts: int, items: int, characters: int) -> int:
    if not loops:
        return (1 + joins) * (parts + characters)
    growth = (1 + joins / loops) ** loops  # the largest product of factors with this sum
    items = max(items, joins + 1, 1)
    loops = min(loops, 20)  # by then the sum exceeds every limit, or nothing grows at all
    turns = min(items**loops, TURNS)
    leaves = parts * min(items**loops, TURNS * items ** max(0, loops - 2))
    return int(min(growth * (leaves + turns * characters), 10 * MOST))


@lru_cache(maxsize=4096)
def operands(source: str) -> tuple[tuple[int, int], ...]:
    """(loops, joins) of each operand of the outermost && and ||; these give truth values, so sizes do not add up."""
    text = TEXT.sub(" ", source)
    found, depth, start = [], 0, 0
    for token in _TOKEN.finditer(text):
        if token.group() in "([{":
            depth += 1
        elif token.group() in ")]}":
            depth -= 1
        elif depth == 0:
            found.append(text[start : token.start()])
            start = token.end()
    found.append(text[start:])
    return tuple(_shape(piece) for piece in found)


def _shape(text: str) -> tuple[int, int]:
    loops = len(_LOOP.findall(text))
    return loops, max(0, len(_JOIN.findall(text)) - loops)


def _measure(data: dict[str, Any]) -> tuple[int, int, int]:
    """(all parts, items of the longest list, characters of the longest text)."""
    parts = items = characters = 0
    waiting: list[Any] = list(data.values())
    while waiting:
        value = waiting.pop()
        parts += 1
        if isinstance(value, str):
            characters = max(characters, len(value))
        elif isinstance(value, (list, dict)):
            items = max(items, len(value))
            waiting += value.values() if isinstance(value, dict) else value
    return parts, items, characters
