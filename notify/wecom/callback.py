"""/wecom/callback: verify, decrypt, store, answer. A forged request that passes here could run commands (A16)."""

import logging
from datetime import UTC, datetime
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.models import User
from common.doorbell import ring
from notify.models import Callback, Card
from notify.wecom import inbox, replies, xml
from notify.wecom.crypto import CallbackCrypto, CryptoError
from notify.wecom.outcome import outcome_text

logger = logging.getLogger("baton.wecom")
PARAMETER_MAX = 128


class RefusedError(Exception):
    """The request is not from WeCom, or not for us. The text is for our log only."""


class MalformedError(Exception):
    """The request does not have the form of a callback."""


@lru_cache(maxsize=4)
def _crypto(token: str, key: str, corp_id: str) -> CallbackCrypto:
    return CallbackCrypto(token=token, encoding_aes_key=key, receiver=corp_id)


def crypto() -> CallbackCrypto:
    """Signature and encryption of our endpoint. Raises RefusedError if WeCom is not set up (I26)."""
    if not (settings.WECOM_TOKEN and settings.WECOM_AES_KEY and settings.WECOM_CORP_ID):
        raise RefusedError("not set up")
    return _crypto(settings.WECOM_TOKEN, settings.WECOM_AES_KEY, settings.WECOM_CORP_ID)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def callback(request: HttpRequest) -> HttpResponse:
    """GET proves to WeCom that the address is ours; POST reports a tap. All refusals get the same answer."""
    try:
        return _echo(request) if request.method == "GET" else _receive(request)
    except (RefusedError, CryptoError) as error:
        logger.warning("callback.refused", extra={"cause": str(error)})
        return HttpResponse(status=403)
    except (MalformedError, xml.XmlError) as error:
        logger.warning("callback.malformed", extra={"cause": str(error)})
        return HttpResponse(status=400)


def _opened(request: HttpRequest, encrypted: str) -> str:
    """The decrypted message. Raises RefusedError or CryptoError."""
    values = {name: request.GET.getlist(name) for name in ("msg_signature", "timestamp", "nonce")}
    if any(len(found) != 1 or len(found[0]) > PARAMETER_MAX for found in values.values()):
        raise RefusedError("parameters")
    signature, timestamp, nonce = (found[0] for found in values.values())
    return crypto().open(signature=signature, timestamp=timestamp, nonce=nonce, encrypted=encrypted)


def _echo(request: HttpRequest) -> HttpResponse:
    echo = request.GET.getlist("echostr")
    if len(echo) != 1 or len(echo[0]) > xml.MAX_BYTES:
        raise RefusedError("echostr")
    return HttpResponse(_opened(request, echo[0]), content_type="text/plain; charset=utf-8")


def _receive(request: HttpRequest) -> HttpResponse:
    content = _opened(request, xml.fields(_body(request)).get("Encrypt", ""))
    try:
        message = xml.fields(content)
    except xml.XmlError as error:
        raise RefusedError(f"inner {error}") from error
    if message.get("ToUserName") != settings.WECOM_CORP_ID:
        raise RefusedError("corp")
    if message.get("AgentID") != str(settings.WECOM_AGENT_ID):
        raise RefusedError("agent")
    if message.get("Event") != inbox.TAP:
        return HttpResponse()  # another event: acknowledge and ignore
    stored = inbox.store(message, content, signed_at=_signed_at(request), now=timezone.now())
    if stored.is_late:
        logger.warning("callback.late", extra={"callback": stored.pk})
    text = _answer(stored)
    reply = replies.update_button(
        userid=message.get("FromUserName", ""),
        corp_id=settings.WECOM_CORP_ID,
        text=text,
        at=int(stored.received_at.timestamp()),
    )
    return AnswerThenRing(replies.sealed(reply, crypto()), stored)


def _body(request: HttpRequest) -> bytes:
    """The body, at most xml.MAX_BYTES whatever the headers say (A19). Raises MalformedError for more."""
    announced = request.META.get("CONTENT_LENGTH") or "0"
    if not announced.isdecimal() or int(announced) > xml.MAX_BYTES:
        raise MalformedError("too long")
    body = request.read(xml.MAX_BYTES + 1)
    if len(body) > xml.MAX_BYTES:
        raise MalformedError("too long")
    return body


def _signed_at(request: HttpRequest) -> datetime:
    try:
        return datetime.fromtimestamp(int(request.GET["timestamp"]), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise RefusedError("timestamp") from error


def _answer(stored: Callback) -> str:
    """The text for the tapped card: "working", or the outcome if the tap is already processed."""
    if stored.processed_at is not None:
        related = ("user", "task__visit", "task__ticket", "task__decided_by", "task__on_behalf_of")
        card = Card.objects.select_related(*related).filter(key=stored.card_key).first()
        if card is not None and card.user.is_of_wecom(stored.userid):
            return outcome_text(card)
    languages = User.objects.of_wecom(stored.userid).values_list("language", flat=True)
    return replies.working(languages.first() or settings.LANGUAGE_CODE)


class AnswerThenRing(HttpResponse):
    """Starts the worker after the answer is handed over, so that no update of the card arrives before it."""

    def __init__(self, body: str, stored: Callback) -> None:
        super().__init__(body, content_type="application/xml; charset=utf-8")
        self._stored = stored

    def close(self) -> None:
        """Called by the server after the body."""
        if self._stored.processed_at is None:
            ring("notify.process_callback", self._stored.pk)
        super().close()
