"""The root of everything a user can understand and act on."""

import math
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import ngettext


class DomainError(Exception):
    """Anything else is a bug and stays a 500. `code` is for programs and never changes; `text` is for people.

    errors: findings of the form {path, code, message}. extra: further members of the problem document.
    """

    code = "domain_error"
    status = 400
    text: str | Promise = ""

    def __init__(self, detail: str = "", *, errors: list[dict[str, Any]] | None = None, **extra: Any) -> None:
        self.detail = detail or str(self.text)
        self.errors = errors
        self.extra = extra
        super().__init__(self.detail)


class TooMany(DomainError):
    """Too much of something at once; in `retry_after` seconds it can be tried again."""

    code, status = "too_many_requests", 429

    def __init__(self, wait_s: float) -> None:
        self.retry_after = max(1, math.ceil(wait_s))
        text = str(self.text) % {"wait": duration_text(self.retry_after)}
        super().__init__(text, retry_after=self.retry_after)


def duration_text(seconds: int) -> str:
    """A short while in words: seconds below two minutes, else minutes."""
    if seconds < 120:
        return ngettext("%(count)s second", "%(count)s seconds", seconds) % {"count": seconds}
    minutes = math.ceil(seconds / 60)
    return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
