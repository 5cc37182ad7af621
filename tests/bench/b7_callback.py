"""B7: a tap on a card in WeCom, to our answer: verified, decrypted, stored, answered, encrypted."""

import secrets
import time
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from notify.wecom.callback import crypto
from tests.bench import wrk
from tests.bench.bed import Bed
from tests.bench.clients import Client, drive

CLIENTS, STEADY_PER_S = 8, 100


def tap() -> tuple[str, bytes]:
    """Address and body of one unique tap by bob, as WeCom sends it."""
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
    """Send the tap; the response must not be empty."""
    assert client.raw("POST", given[0], given[1])


def request(port: int) -> bytes:
    """The bytes of one tap."""
    path, body = tap()
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


def run(bed: Bed) -> dict[str, Any]:
    """At 100 taps per second, and at the maximum rate."""
    clients = [bed.client(**{"Content-Type": "text/xml"}) for _ in range(CLIENTS)]
    drive(clients, [tap() for _ in range(100)], send, per_s=STEADY_PER_S)
    steady = drive(clients, [tap() for _ in range(bed.pick(1000, 6000))], send, per_s=STEADY_PER_S)
    seconds = bed.pick(2, 6)
    most = wrk.load(bed.ports.web, [request(bed.ports.web) for _ in range(2000 * seconds)], seconds, again=False)
    return {f"at {STEADY_PER_S} /s": steady.figures(), "most": wrk.summary([most])}
