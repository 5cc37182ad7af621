"""News without a decision: a text card in WeCom that opens the ticket; what piled up is one message of links.

WeCom drops a message whose content equals an earlier one's, so content must differ wherever two messages differ, and
must not where one is sent again: each says when it happened and names its event in its link.
"""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notify.channels.wecom import send_message
from notify.contents import contents
from notify.models import Delivery
from notify.news import at_of, heading_of, inside_url, message_of, number_of
from notify.visible import fit, fit_bytes
from templates_engine.fields.moment import day_in_words
from templates_engine.wording import Said
from tickets.queries.visible import may_see

TITLE, DESCRIPTION, BUTTON = 128, 512, 4
TEXT = 2048
FIELDS = 3
WORDS_MIN = 24
VALUE = 60  # letters of a value before and after a change
REPEATED_S = 4 * 3600  # the longest that WeCom looks back, and longer than we go on trying
MARKUP = str.maketrans("<>", "＜＞")


def send_text(delivery: Delivery) -> str:
    """Send the text card of this delivery."""
    with translation.override(delivery.person.language):
        body = text_card(delivery)
    return str(send_message(body).get("msgid", ""))


def send_together(deliveries: Sequence[Delivery]) -> str:
    """Send what waits for one person as one message, a link each."""
    with translation.override(deliveries[0].person.language):
        body = text_of_many(deliveries)
    return str(send_message(body).get("msgid", ""))


def text_card(delivery: Delivery) -> dict[str, object]:
    """The message/send body. The description may hold markup, so none of ours or theirs is let in."""
    message = message_of(delivery, most=VALUE)
    facts = [*message.facts, *((said.label, said.words) for said in told_of(delivery))]
    lines = "\n".join([when(at_of(delivery)), *(fit(f"{label}: {value}", 160) for label, value in facts)])
    card = {
        "title": fit_bytes(message.heading.translate(MARKUP), TITLE),
        "description": cut(lines.translate(MARKUP), DESCRIPTION),
        "url": inside_url(delivery),
        "btntxt": fit(_("Open"), BUTTON),
    }
    return {**envelope(delivery, "textcard"), "textcard": card}


def told_of(delivery: Delivery) -> list[Said]:
    """The fields that matter, for whoever may still see the ticket."""
    if delivery.act is not None:
        return []
    ticket, now = delivery.happened.ticket, timezone.now()
    return contents(ticket, delivery.person).telling(FIELDS) if may_see(delivery.person, ticket, now) else []


def text_of_many(deliveries: Sequence[Delivery]) -> dict[str, object]:
    """The message/send body for several pieces of news, all of them named in it."""
    count = len(deliveries)
    head = ngettext("%(count)s message", "%(count)s messages", count) % {"count": count}
    links = [inside_url(delivery) for delivery in deliveries]  # an `&` as it is: clients need not know of `&amp;`
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
    """What every message to this person says around its content."""
    return {
        "touser": delivery.person.wecom_userid,
        "msgtype": msgtype,
        "agentid": settings.WECOM_AGENT_ID,
        "enable_duplicate_check": 1,
        "duplicate_check_interval": REPEATED_S,
    }


def when(moment: datetime) -> str:
    """A moment to the second, by the company's clock."""
    at = timezone.localtime(moment, timezone.get_default_timezone())
    return f"{day_in_words(at.date())} {at:%H:%M:%S}"


def cut(text: str, limit: int) -> str:
    """At most `limit` bytes, line breaks kept."""
    if len(text.encode()) <= limit:
        return text
    return text.encode()[: limit - 3].decode("utf-8", "ignore").rstrip() + "…"
