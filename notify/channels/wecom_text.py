"""News without a decision: a text card in WeCom that opens the ticket."""

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from notify.channels.errors import Superseded
from notify.channels.wecom import send_message
from notify.messages import compose
from notify.models import Delivery
from notify.visible import fit, fit_bytes
from tickets.events import Kind
from tickets.models import ApprovalTask

TITLE, DESCRIPTION, BUTTON = 128, 512, 4
MARKUP = str.maketrans("<>", "＜＞")


def send_text(delivery: Delivery) -> str:
    """Send the text card of this delivery. A reminder of what was done meanwhile is dropped (F38)."""
    if delivery.event.kind == Kind.TICKET_REMINDED and not _still_waits(delivery):
        raise Superseded
    with translation.override(delivery.recipient.language):
        body = text_card(delivery)
    return str(send_message(body).get("msgid", ""))


def _still_waits(delivery: Delivery) -> bool:
    mine = ApprovalTask.objects.filter(ticket=delivery.event.ticket_id, assignee=delivery.recipient_id)
    return mine.filter(state="pending").exists()


def text_card(delivery: Delivery) -> dict[str, object]:
    """The message/send body. The description may hold markup, so none of ours or theirs is let in."""
    message = compose(delivery.event, delivery.recipient)
    facts = "\n".join(fit(f"{label}: {value}", 160) for label, value in message.facts)
    return {
        "touser": delivery.recipient.wecom_userid,
        "msgtype": "textcard",
        "agentid": settings.WECOM_AGENT_ID,
        "enable_duplicate_check": 1,
        "duplicate_check_interval": 1800,
        "textcard": {
            "title": fit_bytes(message.heading.translate(MARKUP), TITLE),
            "description": cut(facts.translate(MARKUP), DESCRIPTION),
            "url": message.url,
            "btntxt": fit(_("Open"), BUTTON),
        },
    }


def cut(text: str, limit: int) -> str:
    """At most `limit` bytes, line breaks kept."""
    if len(text.encode()) <= limit:
        return text
    return text.encode()[: limit - 3].decode("utf-8", "ignore").rstrip() + "…"
