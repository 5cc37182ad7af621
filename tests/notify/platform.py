"""WeCom's side of the callback: encrypts taps like the platform, and decrypts the replies."""

import secrets
import time
from dataclasses import dataclass
from urllib.parse import urlencode
from xml.etree.ElementTree import Element, fromstring

from django.test import Client

from notify.models import Card
from notify.wecom.crypto import CallbackCrypto
from tests.notify.world import sign

TOKEN, KEY, CORP, AGENT = (
    "SandboxToken2024",
    "LocalSandboxOnlyKey0123456789abcdefghijklmA",
    "ww0123456789abcdef",
    "1000002",
)


def sealer(receiver: str = CORP) -> CallbackCrypto:
    """The platform's encryption."""
    return CallbackCrypto(token=TOKEN, encoding_aes_key=KEY, receiver=receiver)


@dataclass
class Tap:
    """One tap on a card; `code` identifies it when it is sent again."""

    user: str
    task_id: str
    key: str
    code: str = ""
    corp: str = CORP
    agent: str = AGENT
    event: str = "template_card_event"

    def __post_init__(self) -> None:
        self.code = self.code or f"click-{secrets.token_hex(8)}"

    def xml(self) -> str:
        """The decrypted event, with its elements in the order of a real capture."""
        return (
            f"<xml><ToUserName><![CDATA[{self.corp}]]></ToUserName>"
            f"<FromUserName><![CDATA[{self.user}]]></FromUserName><MsgType><![CDATA[event]]></MsgType>"
            f"<Event><![CDATA[{self.event}]]></Event><CreateTime>1700000002</CreateTime>"
            f"<AgentID>{self.agent}</AgentID><EventKey><![CDATA[{self.key}]]></EventKey>"
            f"<TaskId><![CDATA[{self.task_id}]]></TaskId><CardType><![CDATA[button_interaction]]></CardType>"
            f"<ResponseCode><![CDATA[{self.code}]]></ResponseCode></xml>"
        )


def tap(user: str, key: str = "approve", card: Card | None = None) -> Tap:
    """A tap on this person's newest card."""
    card = card or Card.objects.filter(user__username=user).latest("pk")
    return Tap(user, card.key, key)


def envelope(content: str, receiver: str = CORP) -> str:
    """The outer, encrypted document."""
    encrypted = sealer(receiver).encrypt(content)
    return (
        f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><AgentID><![CDATA[{AGENT}]]></AgentID>"
        f"<Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    )


def address(encrypted: str, *, at: int | None = None, nonce: str = "", path: str = "/wecom/callback") -> str:
    """The signed URL for this ciphertext."""
    timestamp, nonce = str(int(time.time()) if at is None else at), nonce or secrets.token_hex(8)
    query = {
        "msg_signature": sign(TOKEN, timestamp, nonce, encrypted),
        "timestamp": timestamp,
        "nonce": nonce,
    }
    return f"{path}?{urlencode(query)}"


def encrypted_of(document: str) -> str:
    """The encrypted text, which the signature covers."""
    return fromstring(document).findtext("Encrypt") or ""


def post(content: str, *, receiver: str = CORP, at: int | None = None):
    """Send this decrypted content once, in a new envelope."""
    document = envelope(content, receiver)
    url = address(encrypted_of(document), at=at)
    return Client().post(url, document, content_type="text/xml")


def reply_of(response) -> Element:
    """The inner document of a passive reply, after checking its signature."""
    outer = fromstring(response.content)
    values = {name: outer.findtext(name) or "" for name in ("MsgSignature", "TimeStamp", "Nonce", "Encrypt")}
    plain = sealer().open(
        signature=values["MsgSignature"],
        timestamp=values["TimeStamp"],
        nonce=values["Nonce"],
        encrypted=values["Encrypt"],
    )
    return fromstring(plain)


def said(response) -> str:
    """The text on the tapped card."""
    inner = reply_of(response)
    assert inner.findtext("MsgType") == "update_button"
    assert inner.findtext("FromUserName") == CORP
    return inner.findtext("Button/ReplaceName") or ""
