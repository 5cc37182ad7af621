"""The RSGI application: bodies on the loop, requests in lanes, the liveness probe at once.

`/healthz` is answered by the loop itself. WeCom's callbacks and the other probes have threads of their own, so that
they are answered however busy the rest is (F22, F42, A47).
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from config.embedded.supervisor import die_with_parent
from config.front.bodies import Bodies, CutOff, Refused
from config.front.environ import host_and_port
from config.front.exchange import Application, Exchange, Headers
from config.front.lanes import Busy, Lane

logger = logging.getLogger("baton.front")
Refusal = Callable[[int, str, str], tuple[Headers, bytes]]
ALIVE = b'{"ok": true}'
ALIVE_HEADERS = [("content-type", "application/json"), ("cache-control", "no-store")]


class Front:
    """A WSGI application behind an event loop.

    refusal(status, code, accept_language): headers and body of an answer of ours. threads: of the main lane.
    largest: bytes of a body. proxies: how many trusted ones are in front, each of which adds to X-Forwarded-For.
    """

    def __init__(self, application: Application, refusal: Refusal, *, threads: int, largest: int, proxies: int) -> None:
        self.application, self.refusal, self.proxies = application, refusal, proxies
        self.bodies = Bodies(largest)
        probes, callbacks = Lane("probe", 1, longest=64), Lane("callback", 2)
        self.main = Lane("web", threads)
        self.lanes = {"/readyz": probes, "/metrics": probes, "/wecom/callback": callbacks}

    def __rsgi_init__(self, _loop: asyncio.AbstractEventLoop) -> None:
        """In each worker process, before its first request. It does not outlive the server that started it."""
        die_with_parent()
        for lane in {self.main, *self.lanes.values()}:
            lane.start()

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """One request."""
        if scope.path == "/healthz":
            protocol.response_bytes(200, ALIVE_HEADERS, ALIVE)
            return
        try:
            await self._answer(scope, protocol)
        except (Refused, Busy) as refused:
            headers, text = self.refusal(refused.status, refused.code, scope.headers.get("accept-language", ""))
            protocol.response_bytes(refused.status, [*headers, ("connection", "close")], text)
            if not isinstance(refused, CutOff):
                facts = {"code": refused.code, "path": scope.path[:200], "address": self.address_of(scope)}
                logger.warning("front.refused", extra=facts)

    async def _answer(self, scope: Any, protocol: Any) -> None:
        lane = self.lanes.get(scope.path, self.main)
        headers = scope.headers
        promised = headers.get("content-length")
        if promised is None and "transfer-encoding" not in headers:
            await Exchange(self.application, scope, protocol).go(lane)
            return
        length = None if promised is None else int(promised)  # the server has refused everything but digits
        body = await self.bodies.read(protocol, self.address_of(scope), length)
        try:
            await Exchange(self.application, scope, protocol, body).go(lane)
        finally:
            body.close()

    def address_of(self, scope: Any) -> str:
        """Who asks: behind so many trusted proxies, what the outermost of them saw."""
        if self.proxies:
            seen = [part.strip() for line in scope.headers.get_all("x-forwarded-for") for part in line.split(",")]
            if len(seen) >= self.proxies:
                return seen[-self.proxies]
        return host_and_port(scope.client)[0]
