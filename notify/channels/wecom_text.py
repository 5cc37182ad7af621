"""News without a decision: a text card in WeCom that opens the ticket."""

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from notify.channels.wecom import send_message
from notify.messages import card_url, compose
from notify.models import Delivery
from notify.visible import fit, fit_bytes

TITLE, DESCRIPTION, BUTTON = 128, 512, 4
MARKUP = str.maketrans("<>", "＜＞")


def send_text(delivery: Delivery) -> str:
    """Send the text card of this delivery."""
    with translation.override(delivery.person.language):
        body = text_card(delivery)
    return str(send_message(body).get("msgid", ""))


def text_card(delivery: Delivery) -> dict[str, object]:
    """The message/send body. The description may hold markup, so none of ours or theirs is let in."""
    message = compose(delivery.event, delivery.person)
    facts = "\n".join(fit(f"{label}: {value}", 160) for label, value in message.facts)
    return {
        "touser": delivery.person.wecom_userid,
        "msgtype": "textcard",
        "agentid": settings.WECOM_AGENT_ID,
        "enable_duplicate_check": 1,
        "duplicate_check_interval": 1800,
        "textcard": {
            "title": fit_bytes(message.heading.translate(MARKUP), TITLE),
            "description": cut(facts.translate(MARKUP), DESCRIPTION),
            "url": card_url(delivery.event.ticket),
            "btntxt": fit(_("Open"), BUTTON),
        },
    }


def cut(text: str, limit: int) -> str:
    """At most `limit` bytes, line breaks kept."""
    if len(text.encode()) <= limit:
        return text
    return text.encode()[: limit - 3].decode("utf-8", "ignore").rstrip() + "…"
