"""Hints for wrong expressions: what to write instead, in both languages.

They are used only after the engine has refused an expression, because its parser reports where it failed and not what
was meant.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from templates_engine.language.cost import TEXT
from templates_engine.language.foreign_names import CALLS, NAMES
from templates_engine.language.habits import HABITS
from templates_engine.language.instead import Words
from templates_engine.text import Text, both


@dataclass(frozen=True)
class Hint:
    """One hint. problem: what is wrong; write: what to write instead; place: where in the expression."""

    problem: Text
    write: Text
    place: int = 0


_CODE = re.compile(r"//\s*(?:&&|\|\||[-+*/%<>=!?:.(\[\d]|(?:form|applicant|ticket|item)\b)")


def commented_out(source: str) -> int | None:
    """Where a comment on the last line contains code, as after a division written with //; else None."""
    last = max(TEXT.finditer(source), key=re.Match.end, default=None)
    return last.start() if last and last.end() == len(source) and _CODE.match(last[0]) else None


def habit(source: str) -> Hint | None:
    """The first known notation of another language in a refused expression; None if there is none."""
    bare = TEXT.sub(lambda match: " " * len(match[0]), source)
    matches = ((match, each) for each in HABITS if (match := each.pattern.search(bare)))
    found = min(matches, key=lambda pair: _begin(pair[0]), default=None)
    if found is None:
        return _unbalanced(bare)
    match, habit = found
    text = match[0].strip()
    signs = {
        "found": text[:40],
        "plain": {"。": ".", "、": ","}.get(text, unicodedata.normalize("NFKC", text))[:40],
        "digits": re.sub(r"\D", "", text)[:40],
    }
    return Hint(_filled(habit.problem, signs), _filled(habit.write, signs), _begin(match))


def _begin(match: re.Match[str]) -> int:
    """The start of the match, without leading spaces."""
    return match.start() + len(match[0]) - len(match[0].lstrip())


def _filled(words: Words, signs: dict[str, str]) -> Text:
    return both(words[0].format(**signs), words[1].format(**signs))


def _unbalanced(bare: str) -> Hint | None:
    """A hint for quotes and brackets that are not closed or not opened."""
    for quote in "'\"":
        if quote in bare:
            problem = both("引号没有成对", "A quote is not closed")
            return Hint(
                problem, both("文字前后都要引号：'…'。", "A text has a quote at both ends: '…'."), bare.index(quote)
            )
    for opening, closing in ("()", "[]", "{}"):
        missing = bare.count(opening) - bare.count(closing)
        if missing:
            sign = closing if missing > 0 else opening
            problem = both(f"缺少 {sign}", f"{sign} is missing")
            return Hint(problem, both("让括号成对。", "Close every bracket."), max(len(bare.rstrip()) - 1, 0))
    return None


def misused(name: str) -> Hint | None:
    """A hint for an existing function that is called in a wrong way."""
    words = CALLS.get(name.rpartition(".")[2])
    return words and Hint(both(f"{name} 不是这样调用的", f"{name} is not called like this"), both(*words))


def named(name: str, options: Callable[[], frozenset[str]]) -> Text | None:
    """What to write instead of an unknown name. options: the texts that fields offer."""
    last = name.rpartition(".")[2]
    if last in NAMES:
        return both(*NAMES[last])
    if name in options():
        return both(f"文字要加引号：'{name}'。", f"A text needs quotes: '{name}'.")
    return None
