"""The RSGI application: the event loop reads bodies, lanes of threads run requests.

The loop itself answers `/healthz`. WeCom callbacks, shell lines from hosts and the other probes have their own threads,
so that they are answered under any load and never delay people's requests (F22, F42, A47).
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from common.parent import die_with_parent
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

    refusal(status, code, accept_language): headers and body of an error response. threads: of the main lane.
    largest: maximum body size in bytes. proxies: number of trusted proxies in front, which add to X-Forwarded-For.
    """

    def __init__(self, application: Application, refusal: Refusal, *, threads: int, largest: int, proxies: int) -> None:
        self.application, self.refusal, self.proxies = application, refusal, proxies
        self.bodies = Bodies(largest)
        probes, callbacks, intake = Lane("probe", 1, longest=64), Lane("callback", 2), Lane("intake", 2, longest=128)
        self.main = Lane("web", threads)
        self.lanes = {
            "/readyz": probes, "/metrics": probes, "/wecom/callback": callbacks, "/intake/shell": intake,
        }  # fmt: skip

    def __rsgi_init__(self, _loop: asyncio.AbstractEventLoop) -> None:
        """Start the lanes, in each worker process before its first request. The process ends with its parent."""
        die_with_parent()
        for lane in {self.main, *self.lanes.values()}:
            lane.start()

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Handle one request."""
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
        """The client's address: behind trusted proxies, the address that the outermost one saw."""
        if self.proxies:
            seen = [part.strip() for line in scope.headers.get_all("x-forwarded-for") for part in line.split(",")]
            if len(seen) >= self.proxies:
                return seen[-self.proxies]
        return host_and_port(scope.client)[0]
