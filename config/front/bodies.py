"""Bodies: read whole before a thread is spent on them, in time, in bounds, and never many slow ones at once (A47).

A body may take GRACE_S seconds, and one more for every PACE bytes that have come: whoever sends faster than that is
never cut off, whoever sends nothing is cut off after GRACE_S. What is larger than IN_MEMORY goes to a file without a
name. Of one address, MOST_OPEN bodies may be under way at once; where more come, the slowest of them goes.
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
MOST_SPOOLED = 512 * 1024 * 1024  # bytes of bodies under way, in one process


class Refused(Exception):
    """This body is not read on. status, code: of the answer."""

    status, code = 400, "malformed"


class TooLarge(Refused):
    """Larger than anything that is sent to us."""

    status, code = 413, "body_too_large"


class TooSlow(Refused):
    """It did not come in time, or others of its address needed its place."""

    status, code = 408, "body_too_slow"


class CutOff(Refused):
    """It ended before the length that was promised."""


class NoRoom(Refused):
    """Too much is under way already."""

    status, code = 503, "busy"


class DiskFull(Refused):
    """There is no room for it on the disk."""

    status, code = 507, "storage_full"


@dataclass(eq=False, slots=True)
class Body:
    """One body, on its way or whole: its bytes so far, and when they began to come (seconds of the loop's clock)."""

    began: float
    watch: asyncio.Timeout
    file: "SpooledTemporaryFile[bytes]"
    size: int = 0

    def expires(self) -> float:
        """When the next bytes must have come."""
        return self.began + GRACE_S + self.size / PACE

    def close(self) -> None:
        """Forget its bytes."""
        self.file.close()


class Bodies:
    """All bodies under way in this process. largest: bytes that one may have."""

    def __init__(self, largest: int) -> None:
        self.largest = largest
        self._open: dict[str, set[Body]] = {}
        self._spooled = 0

    async def read(self, protocol: Any, address: str, promised: int | None) -> Body:
        """The whole body, at its beginning; whoever asked closes it. promised: its length, None if it comes in chunks.

        Raises Refused; the connection is of no use any more then.
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
        """Chunk by chunk. An empty one is the end, unless another follows: then the client has gone (granian)."""
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
