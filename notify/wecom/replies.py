"""The encrypted reply to a tap: the tapped card turns grey at once and shows a text."""

import secrets
import time

from notify.texts.safe_text import fit
from notify.wecom import words, xml
from notify.wecom.crypto import CallbackCrypto
from templates_engine.text import localize

REPLACE_NAME_MAX = 60


def update_button(*, userid: str, corp_id: str, text: str, at: int) -> str:
    """The inner XML of a passive reply that replaces the tapped card's buttons with one grey text."""
    return (
        f"<xml><ToUserName>{xml.text(userid)}</ToUserName><FromUserName>{xml.text(corp_id)}</FromUserName>"
        f"<CreateTime>{at}</CreateTime><MsgType>update_button</MsgType>"
        f"<Button><ReplaceName>{xml.text(fit(text, REPLACE_NAME_MAX))}</ReplaceName></Button></xml>"
    )


def sealed(message: str, crypto: CallbackCrypto) -> str:
    """The envelope: the encrypted message, signed with a new timestamp and nonce."""
    encrypted, timestamp, nonce = crypto.encrypt(message), str(int(time.time())), secrets.token_hex(8)
    signature = crypto.sign(timestamp, nonce, encrypted)
    return (
        f"<xml><Encrypt>{encrypted}</Encrypt><MsgSignature>{signature}</MsgSignature>"
        f"<TimeStamp>{timestamp}</TimeStamp><Nonce>{nonce}</Nonce></xml>"
    )


def working(language: str) -> str:
    """What a card shows between the tap and its outcome."""
    return localize(words.WORKING, language)
