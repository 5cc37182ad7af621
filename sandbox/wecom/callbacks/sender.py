"""Delivery of one event as the platform does it: three attempts of 5 seconds each, then it is lost."""

import asyncio
import secrets
import time
from dataclasses import dataclass
from urllib.parse import urlencode

from sandbox.wecom.callbacks.events import envelope_xml
from sandbox.wecom.callbacks.wire import WireError, call
from sandbox.wecom.world import World

ATTEMPTS = 3
VERIFY_TIMEOUT_S = 1.0


@dataclass(frozen=True)
class Delivered:
    """`error` is None if an attempt got a 200; `body` is the body of that response."""

    attempts: int
    error: str | None
    body: bytes = b""


def signed_url(world: World, encrypted: str, **extra: str) -> str:
    timestamp, nonce = str(int(world.now())), secrets.token_hex(8)
    signature = world.crypto.sign(timestamp, nonce, encrypted)
    query = {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce, **extra}
    base = world.settings.callback_url
    return f"{base}{'&' if '?' in base else '?'}{urlencode(query)}"


async def deliver(world: World, xml: str, about: dict[str, str]) -> Delivered:
    """`about` names the event in the journal. A retry is the same event in a new envelope."""
    error: str | None = None
    for attempt in range(1, ATTEMPTS + 1):
        if attempt > 1:
            await asyncio.sleep(world.settings.callback_pause_s)
        body, error = await attempt_once(world, xml, attempt, about)
        if error is None:
            return Delivered(attempt, None, body)
    return Delivered(ATTEMPTS, error)


async def attempt_once(world: World, xml: str, attempt: int, about: dict[str, str]) -> tuple[bytes, str | None]:
    settings = world.settings
    encrypted = world.crypto.encrypt(xml)
    envelope = envelope_xml(encrypted, settings.corp_id, settings.agent_id).encode()
    started = time.monotonic()
    body, status, error = b"", 0, None
    try:
        answer = await call("POST", signed_url(world, encrypted), envelope, settings.callback_timeout_s)
        body, status = answer.body, answer.status
        error = None if status == 200 else f"http_{status}"
    except WireError as failure:
        error = failure.reason
    took_ms = round((time.monotonic() - started) * 1000)
    world.journal.write("callback", attempt=attempt, status=status, error=error, took_ms=took_ms, **about)
    return body, error


async def verify_url(world: World) -> dict[str, str | bool | None]:
    """The check when a callback URL is saved: the response must be exactly the decrypted echo, within one second."""
    echo = str(secrets.randbelow(10**18))
    encrypted = world.crypto.encrypt(echo)
    error: str | None = None
    try:
        answer = await call("GET", signed_url(world, encrypted, echostr=encrypted), b"", VERIFY_TIMEOUT_S)
        if answer.status != 200:
            error = f"http_{answer.status}"
        elif answer.body != echo.encode():
            error = "wrong_echo"
    except WireError as failure:
        error = failure.reason
    world.journal.write("verify", error=error)
    return {"ok": error is None, "error": error}
