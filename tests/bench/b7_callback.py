"""B7: a tap on a card in WeCom, to our answer: verified, decrypted, stored, answered, encrypted."""

import secrets
import time
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from notify.wecom.callback import crypto
from tests.bench.bed import Bed
from tests.bench.clients import Client, drive

CLIENTS, STEADY_PER_S = 8, 100


def tap() -> tuple[str, bytes]:
    """Address and body of one tap by bob, as WeCom sends it; no two are the same tap."""
    fields = {
        "ToUserName": settings.WECOM_CORP_ID, "FromUserName": "bob", "CreateTime": str(int(time.time())),
        "MsgType": "event", "Event": "template_card_event", "EventKey": "approve", "TaskId": secrets.token_urlsafe(24),
        "CardType": "button_interaction", "ResponseCode": secrets.token_urlsafe(32),
        "AgentID": str(settings.WECOM_AGENT_ID),
    }  # fmt: skip
    encrypted = crypto().encrypt(f"<xml>{''.join(f'<{name}>{value}</{name}>' for name, value in fields.items())}</xml>")
    timestamp, nonce = str(int(time.time())), secrets.token_hex(8)
    signature = crypto().sign(timestamp, nonce, encrypted)
    query = urlencode({"msg_signature": signature, "timestamp": timestamp, "nonce": nonce})
    body = f"<xml><ToUserName>x</ToUserName><AgentID>1</AgentID><Encrypt>{encrypted}</Encrypt></xml>"
    return f"/wecom/callback?{query}", body.encode()


def send(client: Client, given: tuple[str, bytes]) -> None:
    """The tap, and an answer that is not empty."""
    assert client.raw("POST", given[0], given[1])


def run(bed: Bed) -> dict[str, Any]:
    """At a steady 100 taps a second, and as many as it takes."""
    clients = [bed.client(**{"Content-Type": "text/xml"}) for _ in range(CLIENTS)]
    drive(clients, [tap() for _ in range(100)], send)
    steady = drive(clients, [tap() for _ in range(bed.pick(1000, 6000))], send, per_s=STEADY_PER_S)
    most = drive(clients, [tap() for _ in range(bed.pick(1500, 6000))], send)
    at_rate = {f"at_{STEADY_PER_S}_{key}": value for key, value in steady.figures("per_s").items()}
    return {**at_rate, **{f"most_{key}": value for key, value in most.figures("per_s").items()}}
