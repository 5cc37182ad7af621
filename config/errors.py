"""The root of everything a user can understand and act on."""

from typing import Any

from django.utils.functional import Promise


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
