"""Links and message of any administrative act, in the active language."""

from urllib.parse import urlencode

from django.conf import settings

from accounts.models import AdminEvent, User
from notify.acts.table import telling_of
from notify.texts.messages import Message


def act_url(act: AdminEvent, reader: User) -> str:
    """The URL that the message opens for this reader."""
    return f"{settings.BATON_URL}{telling_of(act).path(act, reader)}"


def act_card_url(act: AdminEvent, reader: User) -> str:
    """The same page opened from WeCom. The URL is unique to this act."""
    query = urlencode({"inside": 1, "news": f"act{act.seq}", "next": telling_of(act).path(act, reader)})
    return f"{settings.BATON_URL}/wecom/login?{query}"


def compose_act(act: AdminEvent, recipient: User) -> Message:
    """The message about this act for this person."""
    telling = telling_of(act)
    return Message(telling.heading(act, recipient), telling.facts(act, recipient), act_url(act, recipient))
