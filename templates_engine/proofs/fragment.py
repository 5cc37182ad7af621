"""Parses conditions of a decidable fragment: a few sample values are enough to know their truth.

A condition is in the fragment if it combines these with `&& || ! ( ) ? :`:
a boolean or an offered choice, in any use · a number or `size(list)` compared with a number · a text `==`, `!=` or `in`
texts · a text `in` a list · a key `in filled`. Other conditions are not understood, and give no finding.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<text>"[^"\\\n]*"|'[^'\\\n]*')
    |(?P<number>[0-9]+\.[0-9]+|[0-9]+)(?![\w.])
    |(?P<name>[A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*)*)
    |(?P<sign>&&|\|\||[=!<>]=|[-!<>()\[\],?:])
    )""",
    re.VERBOSE,
)
COMPARISONS = {"==", "!=", "<", "<=", ">", ">="}
BEFORE = {"", "(", "&&", "||", "!", "?", ":"}
BEHIND = {"", ")", "&&", "||", "?", ":"}
TESTS = {"startsWith", "endsWith", "contains", "matches"}


@dataclass(frozen=True)
class Token:
    """A token. kind: text, number, name, sign, size (of a list; value: its name), list (of literals)."""

    kind: str
    value: Any


NONE = Token("sign", "")


@dataclass
class Uses:
    """The values that a variable is compared with. asked: whether its presence is tested."""

    numbers: set[float] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    sizes: set[int] = field(default_factory=set)
    asked: bool = False

    def add(self, other: "Uses") -> None:
        """Add the values of another condition."""
        self.numbers |= other.numbers
        self.texts |= other.texts
        self.sizes |= other.sizes
        self.asked = self.asked or other.asked


class NotUnderstood(Exception):
    """The condition is not in the fragment."""


def tokens(source: str) -> list[Token]:
    """The tokens of an expression. Raises NotUnderstood for tokens that are not in the fragment."""
    found, place = [], 0
    source = source.strip()
    while place < len(source):
        match = _TOKEN.match(source, place)
        if match is None or match.lastgroup is None:
            raise NotUnderstood
        kind, value = match.lastgroup, match[match.lastgroup]
        if kind == "text":
            value = value[1:-1]
        elif kind == "number":
            value = float(value) if "." in value else int(value)
        elif kind == "name":
            value = re.sub(r"\s", "", value)
        found.append(Token(kind, value))
        place = match.end()
    return found


def uses(source: str, kinds: dict[str, str]) -> dict[str, Uses]:
    """Variable → the values it is compared with. kinds: variable → choice, number, text or list. Raises NotUnderstood.

    `'k' in filled` counts as a use of form.k, of any kind.
    """
    line = list(_collapsed(tokens(source), kinds))
    found: dict[str, Uses] = {}
    for index, token in enumerate(line):
        if token.kind not in ("name", "size") or token.value in ("true", "false", "in", "filled"):
            continue
        own = found.setdefault(token.value, Uses())
        if token.kind == "size":
            own.sizes |= {int(number) for number in _compared(line, index, "number", COMPARISONS)}
        elif kinds.get(token.value) == "number":
            own.numbers |= set(_compared(line, index, "number", {*COMPARISONS, "in"}))
        elif kinds.get(token.value) == "text":
            own.texts |= set(_compared(line, index, "text", {"==", "!=", "in"}))
        elif kinds.get(token.value) == "list":
            own.texts.add(_member(line, index))
        elif kinds.get(token.value) != "choice":
            raise NotUnderstood
    for index, token in enumerate(line):
        if token == Token("name", "filled"):
            found.setdefault(f"form.{_member(line, index)}", Uses()).asked = True
    return found


def _collapsed(line: list[Token], kinds: dict[str, str]) -> Iterator[Token]:
    """The tokens, with `size(x)`, `[1, 2]`, `-1` and tests of a choice joined to one token each."""
    index = 0
    while index < len(line):
        token, behind = line[index], _at(line, index + 1)
        if token == Token("name", "size") and _at(line, index + 3).value == ")" and behind.value == "(":
            name = line[index + 2]
            if kinds.get(name.value) != "list":
                raise NotUnderstood
            yield Token("size", name.value)
            index += 4
        elif token == Token("sign", "-"):
            if behind.kind != "number" or _at(line, index - 1).value not in COMPARISONS | BEFORE | {",", "["}:
                raise NotUnderstood
            yield Token("number", -behind.value)
            index += 2
        elif token == Token("sign", "["):
            end = next((i for i in range(index, len(line)) if line[i].value == "]"), -1)
            inside = list(_collapsed(line[index + 1 : end], kinds))
            if end < 0 or any(t.kind not in ("text", "number") for t in inside[::2]):
                raise NotUnderstood
            yield Token("list", [t.value for t in inside[::2]])
            index = end + 1
        elif token.kind == "name" and behind.value == "(" and token.value != "in":
            name, _dot, test = token.value.rpartition(".")
            if kinds.get(name) != "choice" or test not in TESTS or _at(line, index + 3).value != ")":
                raise NotUnderstood
            yield Token("name", name)
            index += 4
        else:
            yield token
            index += 1


def _at(line: list[Token], index: int) -> Token:
    return line[index] if 0 <= index < len(line) else NONE


def _compared(line: list[Token], index: int, kind: str, signs: set[str]) -> list[Any]:
    """The literals that the variable at `index` is compared with. Raises NotUnderstood for any other use."""
    before, behind = _at(line, index - 1), _at(line, index + 1)
    if before.value in BEFORE and before.kind == "sign" and _is_sign(behind, signs):
        literal, beyond = _at(line, index + 2), _at(line, index + 3)
    elif behind.value in BEHIND and behind.kind == "sign" and _is_sign(before, signs - {"in"}):
        literal, beyond = _at(line, index - 2), _at(line, index - 3)
    else:
        raise NotUnderstood
    if beyond.kind != "sign" or beyond.value not in BEFORE | BEHIND:
        raise NotUnderstood
    if literal.kind == "list" and "in" in (before.value, behind.value):
        return list(literal.value)
    if literal.kind != kind or "in" in (before.value, behind.value):
        raise NotUnderstood
    return [literal.value]


def _is_sign(token: Token, signs: set[str]) -> bool:
    return token.kind in ("sign", "name") and token.value in signs


def _member(line: list[Token], index: int) -> str:
    """The text in `'text' in x`, where x is at `index`. Raises NotUnderstood."""
    literal, outside, behind = _at(line, index - 2), _at(line, index - 3), _at(line, index + 1)
    is_asked = _at(line, index - 1) == Token("name", "in") and literal.kind == "text"
    if not is_asked or outside.kind != "sign" or outside.value not in BEFORE:
        raise NotUnderstood
    if behind.kind != "sign" or behind.value not in BEHIND:
        raise NotUnderstood
    return str(literal.value)
