"""What authors write that no expression takes, and what to write instead, in both languages.

Only looked at where the engine has refused an expression: then its parser says in its own words what it stumbled over,
and not what was meant.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from templates_engine.effort import TEXT
from templates_engine.habits import CALLS, HABITS, NAMES, Words
from templates_engine.text import Text, both


@dataclass(frozen=True)
class Hint:
    """problem: what is wrong; write: what to write instead. place: where in the expression."""

    problem: Text
    write: Text
    place: int = 0


_CODE = re.compile(r"//\s*(?:&&|\|\||[-+*/%<>=!?:.(\[\d]|(?:form|applicant|ticket|item)\b)")


def commented_out(source: str) -> int | None:
    """Where a comment on the last line holds code: whoever divides with // does not see the rest go."""
    last = max(TEXT.finditer(source), key=re.Match.end, default=None)
    return last.start() if last and last.end() == len(source) and _CODE.match(last[0]) else None


def habit(source: str) -> Hint | None:
    """The first thing in a refused expression that is written as elsewhere; None where nothing is known."""
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
    """Where it begins, spaces before it aside."""
    return match.start() + len(match[0]) - len(match[0].lstrip())


def _filled(words: Words, signs: dict[str, str]) -> Text:
    return both(words[0].format(**signs), words[1].format(**signs))


def _unbalanced(bare: str) -> Hint | None:
    """Quotes and parentheses that nobody closed, or opened."""
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
            return Hint(
                problem, both("让括号成对。", "Let every bracket have its other."), max(len(bare.rstrip()) - 1, 0)
            )
    return None


def misused(name: str) -> Hint | None:
    """What to write instead of a call that there is, but not so."""
    words = CALLS.get(name.rpartition(".")[2])
    return words and Hint(both(f"{name} 不是这样调用的", f"{name} is not called like this"), both(*words))


def named(name: str, options: Callable[[], frozenset[str]]) -> Text | None:
    """What to write instead of a name that does not exist. options: the texts that fields offer."""
    last = name.rpartition(".")[2]
    if last in NAMES:
        return both(*NAMES[last])
    if name in options():
        return both(f"文字要加引号：'{name}'。", f"A text needs quotes: '{name}'.")
    return None
