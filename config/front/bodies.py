"""Request bodies: read completely before a thread is used, with limits on time, size and number (A47).

A body may take GRACE_S seconds, plus one second for each PACE bytes received: faster clients are never cut off, and a
client that sends nothing is cut off after GRACE_S. A body larger than IN_MEMORY goes to an unnamed temporary file.
Each address may send MOST_OPEN bodies at once; when one more comes, the slowest is dropped.
"""

import asyncio
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import Any

from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined]  # (it says so at run time only)

GRACE_S = 10.0
PACE = 16 * 1024
IN_MEMORY = 100 * 1024
MOST_OPEN = 64
MOST_SPOOLED = 512 * 1024 * 1024  # bytes of unfinished bodies in one process


class Refused(Exception):
    """The body is not read further. status, code: of the response."""

    status, code = 400, "malformed"


class TooLarge(Refused):
    """The body is larger than the limit."""

    status, code = 413, "body_too_large"


class TooSlow(Refused):
    """The body did not arrive in time, or was dropped for another one from the same address."""

    status, code = 408, "body_too_slow"


class CutOff(Refused):
    """The body ended before its declared length."""


class NoRoom(Refused):
    """Too many bytes of unfinished bodies in this process."""

    status, code = 503, "busy"


class DiskFull(Refused):
    """The disk is full."""

    status, code = 507, "storage_full"


@dataclass(eq=False, slots=True)
class Body:
    """One body, complete or not: its bytes so far, and when it began (seconds of the loop's clock)."""

    began: float
    watch: asyncio.Timeout
    file: "SpooledTemporaryFile[bytes]"
    size: int = 0

    def expires(self) -> float:
        """The time by which the next bytes must arrive."""
        return self.began + GRACE_S + self.size / PACE

    def close(self) -> None:
        """Release its bytes."""
        self.file.close()


class Bodies:
    """All unfinished bodies of this process. largest: maximum size of one body in bytes."""

    def __init__(self, largest: int) -> None:
        self.largest = largest
        self._open: dict[str, set[Body]] = {}
        self._spooled = 0

    async def read(self, protocol: Any, address: str, promised: int | None) -> Body:
        """Read the whole body, rewound to its start; the caller closes it. promised: its length, None if chunked.

        Raises Refused; the connection cannot be used after that.
        """
        if promised is not None and promised > self.largest:
            raise TooLarge
        began = asyncio.get_running_loop().time()
        body = Body(began, asyncio.timeout_at(began + GRACE_S), SpooledTemporaryFile(max_size=IN_MEMORY))  # noqa: SIM115
        mine = self._open.setdefault(address, set())
        try:
            self._make_room(mine)
            mine.add(body)
            await self._fill(body, protocol, promised)
        except BaseException:
            body.close()
            raise
        finally:
            self._spooled -= body.size
            mine.discard(body)
            if not mine:
                self._open.pop(address, None)
        body.file.seek(0)
        return body

    @staticmethod
    def _make_room(others: set[Body]) -> None:
        if len(others) >= MOST_OPEN:
            slowest = min(others, key=Body.expires)
            slowest.watch.reschedule(0)
            others.discard(slowest)

    async def _fill(self, body: Body, protocol: Any, promised: int | None) -> None:
        try:
            async with body.watch:
                if promised is not None and promised <= IN_MEMORY:
                    self._take(body, await protocol())
                else:
                    await self._follow(body, protocol)
        except TimeoutError:
            raise TooSlow from None
        except ProtocolClosed:
            raise CutOff from None
        except OSError:
            raise DiskFull from None
        if promised is not None and body.size != promised:
            raise CutOff

    async def _follow(self, body: Body, protocol: Any) -> None:
        """Read chunk by chunk. An empty chunk is the end; if another one follows, the client has gone (granian)."""
        ended = False
        async for chunk in protocol:
            if ended:
                raise CutOff
            ended = not chunk
            self._take(body, chunk)
            body.watch.reschedule(body.expires())

    def _take(self, body: Body, chunk: bytes) -> None:
        body.size += len(chunk)
        self._spooled += len(chunk)
        if body.size > self.largest:
            raise TooLarge
        if self._spooled > MOST_SPOOLED:
            raise NoRoom
        body.file.write(chunk)
