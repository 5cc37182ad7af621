"""Links and message of any administrative act, in the active language."""

from urllib.parse import urlencode

from django.conf import settings

from accounts.models import AdminEvent, User
from notify.acts.table import notice_of
from notify.texts.messages import Message


def act_url(act: AdminEvent, reader: User) -> str:
    """The URL that the message opens for this reader."""
    return f"{settings.BATON_URL}{notice_of(act).path(act, reader)}"


def act_card_url(act: AdminEvent, reader: User) -> str:
    """The same page opened from WeCom. The URL is unique to this act."""
    query = urlencode({"inside": 1, "news": f"act{act.seq}", "next": notice_of(act).path(act, reader)})
    return f"{settings.BATON_URL}/wecom/login?{query}"


def compose_act(act: AdminEvent, recipient: User) -> Message:
    """The message about this act for this person."""
    notice = notice_of(act)
    return Message(notice.heading(act, recipient), notice.facts(act, recipient), act_url(act, recipient))
