"""Errors that stop the reading of an inventory."""

from django.utils.translation import gettext as _

from common.errors import Problem, finding

MOST_HOSTS = 20_000  # of one file
MOST_NAMED = 100  # problems of one file


class Unreadable(Exception):
    """The text cannot be read; `errors` are findings with the line as path."""

    def __init__(self, errors: list[Problem]) -> None:
        self.errors = errors
        super().__init__(errors[0]["message"])


def unreadable(path: str, message: str) -> Unreadable:
    """One error that stops the reading."""
    return Unreadable([finding(path, "unreadable", message)])


def first_of(wrong: list[Problem]) -> list[Problem]:
    """The first problems, and how many more there are."""
    more = len(wrong) - MOST_NAMED
    if more <= 0:
        return wrong
    return [
        *wrong[:MOST_NAMED],
        finding("", "too_many_errors", _("%(count)s more problems like these.") % {"count": more}),
    ]


def too_many_hosts() -> Unreadable:
    """More hosts than one file may hold."""
    return unreadable("", _("%(limit)s hosts at most in one file. Split it.") % {"limit": MOST_HOSTS})
