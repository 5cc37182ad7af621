"""The channels. A new one is one more file, and one more line here."""

from notify.channels.email import EMAIL
from notify.channels.webhook import WEBHOOK
from notify.channels.wecom_card import WECOM_CARD
from notify.channels.wecom_card_update import WECOM_CARD_UPDATE
from notify.channels.wecom_text import WECOM_TEXT
from notify.models.delivery import IN_APP

# Most urgent first. Webhooks come last, so that a slow host delays no other delivery.
ALL = (WECOM_CARD, WECOM_CARD_UPDATE, WECOM_TEXT, EMAIL, WEBHOOK)
KINDS = [IN_APP, *(channel.kind for channel in ALL)]
