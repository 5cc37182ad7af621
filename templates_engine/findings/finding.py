"""The findings of a check: a code for programs, a path into the document, messages in both languages."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from heapq import nlargest, nsmallest
from typing import Any, cast

from common.errors import Problem
from templates_engine.findings.advice import ADVICE
from templates_engine.findings.messages import WORDS
from templates_engine.text import Localized, Text, both, localize

MOST_ALIKE = 8
MOST_COMPARED = 100  # characters of a name

# Codes of warnings: they do not refuse the document.
WARNINGS = frozenset(
    {
        "unreachable_otherwise",
        "empty_rule",
        "nobody_acts",
        "action_not_for",
        "breaks_parent",
        "applicant_never_asked",
        "webhook_not_allowed",
        "applicant_picks_approver",
        "unknown_person",
    }
)


@dataclass(frozen=True)
class Finding:
    """One error or warning of a check. path: where in the document, such as `chain[1].cases[0].when`."""

    code: str
    path: str
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def is_warning(self) -> bool:
        """Whether it is only a warning; with details["risk"] "high" it is an error."""
        return self.code in WARNINGS and self.details.get("risk") != "high"

    @property
    def message(self) -> Localized:
        """The message, in both languages."""
        return fill(WORDS[self.code], self.details)

    @property
    def suggestion(self) -> Text:
        """What to do about it: the finding's own suggestion, else the advice for its code; may be empty."""
        return self.details.get("suggestion") or fill(ADVICE.get(self.code, ("", "")), self.details)

    def render(self) -> Problem:
        """The finding in the caller's language."""
        return Problem(
            path=self.path,
            code=self.code,
            message=localize(self.message),
            suggestion=localize(self.suggestion),
        )


def fill(words: tuple[str, str], details: dict[str, Any]) -> Localized:
    """The message in both languages with its placeholders filled; long values are cut."""
    return {"zh": _fill(words[0], details, "zh"), "en": _fill(words[1], details, "en")}


def _fill(words: str, details: dict[str, Any], language: str) -> str:
    values = {key: _word(value, language) for key, value in details.items()}
    return words.format_map(values).strip()


def _word(value: Any, language: str) -> str:
    text = localize(cast(Text, value), language) if isinstance(value, (str, dict)) else str(value)
    return text if len(text) <= 300 else text[:299] + "…"


def suggest(wrong: str, known: Iterable[str]) -> Text:
    """“Did you mean …?” if a known name is similar, else a list of what exists."""
    return _suggestion(str(wrong)[:MOST_COMPARED], tuple(known))


@lru_cache(maxsize=256)
def _suggestion(wrong: str, known: tuple[str, ...]) -> Text:
    close = get_close_matches(wrong, _alike(wrong, known), n=1)
    if close:
        return both(f"是不是 {close[0]}？", f"Did you mean {close[0]}?")
    if not known:
        return ""
    shown = ", ".join(nsmallest(12, known))
    return both(f"可用的有：{shown}。", f"There are: {shown}.")


def _alike(wrong: str, known: tuple[str, ...]) -> list[str]:
    """The few known names that share the most letter pairs with `wrong`; only these are compared in full."""
    pairs = _pairs(wrong)
    return nlargest(MOST_ALIKE, known, key=lambda name: 2 * len(pairs & _pairs(name)) / (len(wrong) + len(name) + 1))


@lru_cache(maxsize=4096)
def _pairs(text: str) -> frozenset[str]:
    return frozenset(text[place : place + 2] for place in range(len(text[:MOST_COMPARED])))
