"""Table of the channels that send deliveries."""

from collections.abc import Callable

from notify.channels.email import send_email
from notify.channels.webhook import send_webhook
from notify.channels.wecom_card import send_card
from notify.channels.wecom_card_update import send_card_updates
from notify.channels.wecom_text import send_text
from notify.models import Delivery

Kind = Delivery.Kind

# A channel sends one claimed delivery and returns a receipt, or raises ChannelError. No transaction is open.
CHANNELS: dict[str, Callable[[Delivery], str]] = {
    Kind.EMAIL: send_email,
    Kind.WECOM_CARD: send_card,
    Kind.WECOM_CARD_UPDATE: send_card_updates,
    Kind.WECOM_TEXT: send_text,
    Kind.WEBHOOK: send_webhook,
}

# Kinds by the dependency that they need, most urgent first. If a dependency is down, all its kinds pause (F42).
# Each webhook host is a dependency of its own: webhooks are postponed per host, and come last so that a slow host
# delays no other delivery.
DEPENDENCIES: dict[str, tuple[str, ...]] = {
    "wecom": (Kind.WECOM_CARD, Kind.WECOM_CARD_UPDATE, Kind.WECOM_TEXT),
    "mail": (Kind.EMAIL,),
    "webhook": (Kind.WEBHOOK,),
}
