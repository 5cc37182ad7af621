"""Localized texts: a plain string, or {zh, en}."""

from collections.abc import Iterable
from typing import TypedDict

from django.utils.translation import get_language


class Localized(TypedDict, total=False):
    """The same text in two languages."""

    zh: str
    en: str


Text = str | Localized


def localize(text: Text, language: str | None = None) -> str:
    """The text in this language (default: the active one), else in the other."""
    if isinstance(text, str):
        return text
    first, second = ("en", "zh") if (language or get_language() or "zh").startswith("en") else ("zh", "en")
    return text.get(first) or text.get(second) or ""  # type: ignore[return-value]


def locale() -> str:
    """The active language as a Babel locale name."""
    return "en" if (get_language() or "zh").startswith("en") else "zh_Hans_CN"


def listed(words: Iterable[str]) -> str:
    """The items as one list, with the separator of the active language."""
    return ("、" if locale().startswith("zh") else ", ").join(words)


def both(zh: str, en: str) -> Text:
    """A text in both languages."""
    return {"zh": zh, "en": en}
