"""Notifications without a decision: one WeCom text card per notification, or several as one message of links.

WeCom drops a message with the same content as an earlier one. So different messages must differ in content, and a
retry must not: each message holds the time of its event, and its link names the event.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notify.channels.wecom import is_on, send_message
from notify.models import Delivery
from notify.ports import Carries, Channel, Limit
from notify.texts.contents import contents
from notify.texts.delivery_texts import at_of, heading_of, inside_url, message_of, number_of
from notify.texts.safe_text import fit, fit_bytes
from templates_engine.fields.moment import day_in_words
from templates_engine.forms.wording import Said
from tickets.queries.visible import may_see

TITLE, DESCRIPTION, BUTTON = 128, 512, 4
TEXT = 2048
FIELDS = 3
WORDS_MIN = 24
VALUE = 60  # characters of a value before and after a change
REPEATED_S = 4 * 3600  # WeCom's longest check for duplicates, and longer than our retries last
MARKUP = str.maketrans("<>", "＜＞")


def send_text(delivery: Delivery) -> str:
    """Send this delivery as a text card."""
    with translation.override(delivery.person.language):
        body = text_card(delivery)
    return str(send_message(body).get("msgid", ""))


def send_together(deliveries: Sequence[Delivery]) -> str:
    """Send several deliveries to one person as one message, with one link each."""
    with translation.override(deliveries[0].person.language):
        body = text_of_many(deliveries)
    return str(send_message(body).get("msgid", ""))


def text_card(delivery: Delivery) -> dict[str, Any]:
    """The message/send body. WeCom reads markup in the description, so `<` and `>` are replaced in all texts."""
    message = message_of(delivery, most=VALUE)
    facts = [*message.facts, *((said.label, said.words) for said in important_fields(delivery))]
    lines = "\n".join([when(at_of(delivery)), *(fit(f"{label}: {value}", 160) for label, value in facts)])
    card = {
        "title": fit_bytes(message.heading.translate(MARKUP), TITLE),
        "description": cut(lines.translate(MARKUP), DESCRIPTION),
        "url": inside_url(delivery),
        "btntxt": fit(_("Open"), BUTTON),
    }
    return {**envelope(delivery, "textcard"), "textcard": card}


def important_fields(delivery: Delivery) -> list[Said]:
    """The most important fields, if the recipient may still see the ticket."""
    if delivery.act is not None:
        return []
    ticket, now = delivery.happened.ticket, timezone.now()
    return contents(ticket, delivery.person).most_important(FIELDS) if may_see(delivery.person, ticket, now) else []


def text_of_many(deliveries: Sequence[Delivery]) -> dict[str, object]:
    """The message/send body for several notifications, with a line for each."""
    count = len(deliveries)
    head = ngettext("%(count)s message", "%(count)s messages", count) % {"count": count}
    links = [inside_url(delivery) for delivery in deliveries]  # plain `&`: not all clients read `&amp;`
    frame = len(head.encode()) + sum(len(f'\n· <a href="{url}"></a>'.encode()) for url in links)
    room = max(WORDS_MIN, (TEXT - frame) // count)
    lines = [
        f'· <a href="{url}">{fit_bytes(_line(delivery).translate(MARKUP), room)}</a>'
        for url, delivery in zip(links, deliveries, strict=True)
    ]
    return {**envelope(deliveries[0], "text"), "text": {"content": "\n".join([head, *lines])}}


def _line(delivery: Delivery) -> str:
    at, number = timezone.localtime(at_of(delivery), timezone.get_default_timezone()), number_of(delivery)
    return f"{at:%H:%M} {heading_of(delivery)}" + (f" ({number})" if number else "")


def envelope(delivery: Delivery, msgtype: str) -> dict[str, object]:
    """The fields that every message to this person has besides its content."""
    return {
        "touser": delivery.person.wecom_userid,
        "msgtype": msgtype,
        "agentid": settings.WECOM_AGENT_ID,
        "enable_duplicate_check": 1,
        "duplicate_check_interval": REPEATED_S,
    }


def when(moment: datetime) -> str:
    """A moment with seconds, in the company's time zone."""
    at = timezone.localtime(moment, timezone.get_default_timezone())
    return f"{day_in_words(at.date())} {at:%H:%M:%S}"


def cut(text: str, limit: int) -> str:
    """The text in at most `limit` bytes of UTF-8, line breaks kept; an ellipsis marks a cut."""
    if len(text.encode()) <= limit:
        return text
    return text.encode()[: limit - 3].decode("utf-8", "ignore").rstrip() + "…"


WECOM_TEXT = Channel(
    kind="wecom_text",
    dependency="wecom",
    send=send_text,
    carries=Carries.OTHERS,
    address="wecom_userid",
    is_on=is_on,
    limit=Limit.LATER,
    send_together=send_together,
)
