"""Base classes of the errors that a user can understand and act on."""

import math
from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict

from django.utils.functional import Promise
from django.utils.translation import ngettext


class Problem(TypedDict):
    """One thing that is wrong with a request or a document. path: where; code: for programs; message: for people."""

    path: str
    code: str
    message: str
    suggestion: NotRequired[str]


def finding(path: str, code: str, message: str) -> Problem:
    """One thing that is wrong, and where."""
    return Problem(path=path, code=code, message=message)


class DomainError(Exception):
    """An error that a user can understand and act on; any other exception is a bug and gives a 500.

    `code` is for programs and never changes; `text` is for people.
    errors: what is wrong in detail. extra: further members of the problem document.
    """

    code = "domain_error"
    status = 400
    text: str | Promise = ""

    def __init__(self, detail: str = "", *, errors: Sequence[Problem] | None = None, **extra: Any) -> None:
        super().__init__(detail)
        self._detail = detail
        self.errors = errors
        self.extra = extra

    @property
    def detail(self) -> str:
        """What to tell the person; a text of the class is translated only if it is read."""
        return self._detail or str(self.text)

    def __str__(self) -> str:
        return self.detail


class TooMany(DomainError):
    """Too many requests; the caller may retry in `retry_after` seconds."""

    code, status = "too_many_requests", 429

    def __init__(self, wait_s: float) -> None:
        self.retry_after = max(1, math.ceil(wait_s))
        text = str(self.text) % {"wait": duration_text(self.retry_after)}
        super().__init__(text, retry_after=self.retry_after)


def duration_text(seconds: int) -> str:
    """A short duration in words: seconds below two minutes, else minutes."""
    if seconds < 120:
        return ngettext("%(count)s second", "%(count)s seconds", seconds) % {"count": seconds}
    minutes = math.ceil(seconds / 60)
    return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
