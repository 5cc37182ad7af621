"""One HTTP request with one timeout for everything, including the connection."""

import asyncio
import io
import ssl
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from typing import Any, cast
from urllib.parse import urlsplit

BODY_MAX = 1024 * 1024


class WireError(Exception):
    """There was no response. `reason` is timeout or refused."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes


class Received:
    """Bytes as a socket that http.client can read from."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def makefile(self, *_: Any) -> io.BytesIO:
        return io.BytesIO(self._raw)


async def call(method: str, url: str, body: bytes, timeout_s: float) -> Answer:
    """Raises WireError. Never follows redirects: the platform does not either."""
    try:
        async with asyncio.timeout(timeout_s):
            raw = await exchange(method, url, body)
    except TimeoutError as error:
        raise WireError("timeout") from error
    except (OSError, asyncio.LimitOverrunError) as error:
        raise WireError("refused") from error
    return parse(raw)


async def exchange(method: str, url: str, body: bytes) -> bytes:
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    context = ssl.create_default_context() if secure else None
    reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=context)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: text/xml; charset=utf-8\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        writer.write(head.encode() + body)
        await writer.drain()
        return await read_to_end(reader)
    finally:
        writer.close()


async def read_to_end(reader: asyncio.StreamReader) -> bytes:
    raw = bytearray()
    while len(raw) <= BODY_MAX and (piece := await reader.read(65536)):
        raw += piece
    return bytes(raw)


def parse(raw: bytes) -> Answer:
    response = HTTPResponse(cast("Any", Received(raw)))
    try:
        response.begin()
        return Answer(response.status, response.read())
    except (HTTPException, ValueError, OSError) as error:
        raise WireError("refused") from error
