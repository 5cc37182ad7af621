"""One request and its answer: run in a thread, sent by whoever has the least to do with it."""

import asyncio
import os
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain
from typing import Any

from config.front.bodies import Body
from config.front.environ import environ_of
from config.front.files import FileWrapper
from config.front.lanes import Lane

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Headers = list[tuple[str, str]]
AT_ONCE = 256 * 1024  # bytes of an answer that is sent in one piece
OPENED_S = 30.0  # within which the server has opened a file that it was named


class Exchange:
    """Ask the application, and answer in one of three ways: at once, with a file, or piece by piece."""

    def __init__(self, application: Application, scope: Any, protocol: Any, body: Body | None = None) -> None:
        self.application, self.scope, self.protocol, self.body = application, scope, protocol, body
        self.status = 500
        self.headers: Headers = []

    async def go(self, lane: Lane) -> None:
        """From the request to the end of its answer. Raises Busy while nothing has been done yet."""
        rest = await lane.run(self._ask)
        if isinstance(rest, int):
            self._send_file(rest)
        elif rest is not None:
            await self._stream(lane, rest)

    def _ask(self) -> "int | Pieces | None":
        """In a thread: None where all is said, a descriptor of the file to send, or what is still to come."""
        body = self.body
        environ = environ_of(self.scope, body.file if body else None, body.size if body else None)
        pieces = Pieces(self.application(environ, self._begin))
        try:
            if (descriptor := pieces.large_file()) is not None:
                pieces.close()
                return descriptor
            start = pieces.take(AT_ONCE)
        except BaseException:
            pieces.close()
            raise
        if not pieces.ended:
            pieces.put_back(start)
            return pieces
        try:
            self.protocol.response_bytes(self.status, self.headers, start)
        finally:
            pieces.close()
        return None

    def _begin(self, status: str, headers: Headers, _exc_info: object = None) -> None:
        """`start_response` (PEP 3333)."""
        self.status, self.headers = int(status[:3]), headers

    def _send_file(self, descriptor: int) -> None:
        """The server reads it by itself, as fast as the client does, under a name that lasts as long as we hold it."""
        self.protocol.response_file(self.status, self.headers, f"/dev/fd/{descriptor}")
        asyncio.get_running_loop().call_later(OPENED_S, os.close, descriptor)

    async def _stream(self, lane: Lane, pieces: "Pieces") -> None:
        """No thread waits for the client: one is had for each piece, while it is made."""
        try:
            transport = self.protocol.response_stream(self.status, self.headers)
            while data := await lane.run(partial(pieces.take, 1), patiently=True):
                await transport.send_bytes(data)
        finally:
            await lane.run(pieces.close, patiently=True)


class Pieces:
    """What an application answered, taken piece by piece."""

    def __init__(self, answer: Iterable[bytes]) -> None:
        self.answer = answer
        self.ended = False
        self._rest: Iterator[bytes] = iter(answer)

    def large_file(self) -> int | None:
        """A descriptor of the file that this is, if it is one that is better sent by the server; ours to close."""
        return self.answer.descriptor(AT_ONCE) if isinstance(self.answer, FileWrapper) else None

    def take(self, least: int) -> bytes:
        """The next pieces, until they are so many bytes or have ended."""
        taken: list[bytes] = []
        size = 0
        while size < least:
            piece = next(self._rest, None)
            if piece is None:
                self.ended = True
                break
            taken.append(piece)
            size += len(piece)
        return taken[0] if len(taken) == 1 else b"".join(taken)

    def put_back(self, piece: bytes) -> None:
        """It comes again."""
        self._rest = chain([piece], self._rest)

    def close(self) -> None:
        """The application may let go of what it held."""
        close = getattr(self.answer, "close", None)
        if close is not None:
            close()
