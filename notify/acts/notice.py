"""How people are notified of one kind of administrative act."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from accounts.models import AdminEvent, User


def _never(_act: AdminEvent, _person: User) -> bool:
    return False


def _nothing(_act: AdminEvent, _now: datetime) -> None:
    pass


@dataclass(frozen=True)
class Notice:
    """Recipients, texts and link of one kind of act. Texts are plain text in the active language.

    recipients: active people. heading: one sentence. facts: (label, value) pairs of a mail or message. text: the
    text under the heading in the app. path: the page that it opens for this reader. is_over: whether the message is
    out of date for this person when it is sent. also: other effects of the act, in the dispatcher's transaction.
    """

    recipients: Callable[[AdminEvent], list[User]]
    heading: Callable[[AdminEvent, User], str]
    facts: Callable[[AdminEvent, User], list[tuple[str, str]]]
    text: Callable[[AdminEvent], str]
    path: Callable[[AdminEvent, User], str]
    is_over: Callable[[AdminEvent, User], bool] = _never
    also: Callable[[AdminEvent, datetime], None] = _nothing
