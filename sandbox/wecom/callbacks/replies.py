"""Passive replies: accepted only if signature, receiver and XML are valid."""

from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from sandbox.wecom.callbacks.crypto import CallbackCrypto, CryptoError
from sandbox.wecom.cards.check import check_card
from sandbox.wecom.cards.xml import card_from_xml
from sandbox.wecom.errors import ApiError


class ReplyError(Exception):
    """A reply that the platform would reject; the text says why."""


@dataclass(frozen=True)
class Reply:
    """`kind` is the MsgType: update_button (text), update_template_card (card) or text (text)."""

    kind: str
    text: str = ""
    card: dict[str, Any] | None = None


def open_reply(body: bytes, crypto: CallbackCrypto, corp_id: str, userid: str) -> Reply:
    """Raises ReplyError."""
    outer = parse(body, "envelope")
    encrypted, signature = child_text(outer, "Encrypt"), child_text(outer, "MsgSignature")
    try:
        crypto.verify(signature, child_text(outer, "TimeStamp"), child_text(outer, "Nonce"), encrypted)
        plain = crypto.decrypt(encrypted)
    except CryptoError as error:
        raise ReplyError(error.reason) from error
    inner = parse(plain.encode(), "message")
    if child_text(inner, "ToUserName").lower() != userid.lower():
        raise ReplyError("ToUserName is not the member who pressed")
    if child_text(inner, "FromUserName") != corp_id:
        raise ReplyError("FromUserName is not the corp")
    return read_reply(inner)


def read_reply(message: Element) -> Reply:
    kind = child_text(message, "MsgType")
    if kind == "update_button":
        return Reply(kind, text=child_text(message, "Button/ReplaceName"))
    if kind == "text":
        return Reply(kind, text=child_text(message, "Content"))
    if kind != "update_template_card":
        raise ReplyError(f"MsgType {kind} does not answer a card")
    element = message.find("TemplateCard")
    return Reply(kind, card=card_from_xml(element) if element is not None else {})


def check_reply_card(card: dict[str, Any]) -> None:
    """Raises ReplyError unless the platform would show the card."""
    try:
        check_card(card)
    except ApiError as error:
        raise ReplyError(f"card {error.errcode} {error.detail}".strip()) from error


def parse(body: bytes, what: str) -> Element:
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise ReplyError(f"{what} is not XML") from error
    return root


def child_text(element: Element, path: str) -> str:
    text = (element.findtext(path) or "").strip()
    if not text:
        raise ReplyError(f"{path} is missing")
    return text
