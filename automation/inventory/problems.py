"""What stops the reading of an inventory."""

from django.utils.translation import gettext as _

from automation.values import finding

MOST_NAMED = 100  # problems of one file


class Unreadable(Exception):
    """The text cannot be read; `errors` are findings with the line as path."""

    def __init__(self, errors: list[dict[str, str]]) -> None:
        self.errors = errors
        super().__init__(errors[0]["message"])


def unreadable(path: str, message: str) -> Unreadable:
    """One thing that stops the reading."""
    return Unreadable([finding(path, "unreadable", message)])


def first_of(wrong: list[dict[str, str]]) -> list[dict[str, str]]:
    """The first problems, and how many more there are: nobody reads ten thousand of them."""
    more = len(wrong) - MOST_NAMED
    if more <= 0:
        return wrong
    return [*wrong[:MOST_NAMED], finding("", "too_many_errors", _("%(count)s more like these.") % {"count": more})]
