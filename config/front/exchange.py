"""One request and its response: the application runs in a thread, and the response is sent without holding one."""

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
AT_ONCE = 256 * 1024  # largest response in bytes that is sent in one piece
OPENED_S = 30.0  # time for the server to open a file by its path


class Exchange:
    """Call the application, and send its response in one of three ways: at once, as a file, or piece by piece."""

    def __init__(self, application: Application, scope: Any, protocol: Any, body: Body | None = None) -> None:
        self.application, self.scope, self.protocol, self.body = application, scope, protocol, body
        self.status = 500
        self.headers: Headers = []

    async def go(self, lane: Lane) -> None:
        """Handle the request to the end of its response. Raises Busy before anything was done."""
        rest = await lane.run(self._ask)
        if isinstance(rest, int):
            self._send_file(rest)
        elif rest is not None:
            await self._stream(lane, rest)

    def _ask(self) -> "int | Pieces | None":
        """Runs in a thread. None if the response was sent, a file descriptor to send, or the remaining pieces."""
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
        """Let the server send the file itself; its /dev/fd path is valid until we close the descriptor."""
        self.protocol.response_file(self.status, self.headers, f"/dev/fd/{descriptor}")
        asyncio.get_running_loop().call_later(OPENED_S, os.close, descriptor)

    async def _stream(self, lane: Lane, pieces: "Pieces") -> None:
        """Send piece by piece. A thread is used only while a piece is made, not while the client reads."""
        try:
            transport = self.protocol.response_stream(self.status, self.headers)
            while data := await lane.run(partial(pieces.take, 1), patiently=True):
                await transport.send_bytes(data)
        finally:
            await lane.run(pieces.close, patiently=True)


class Pieces:
    """The application's response, read piece by piece."""

    def __init__(self, answer: Iterable[bytes]) -> None:
        self.answer = answer
        self.ended = False
        self._rest: Iterator[bytes] = iter(answer)

    def large_file(self) -> int | None:
        """A descriptor if the response is a file large enough for the server to send; the caller closes it."""
        return self.answer.descriptor(AT_ONCE) if isinstance(self.answer, FileWrapper) else None

    def take(self, least: int) -> bytes:
        """The next pieces, until at least this many bytes or the end."""
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
        """Return a piece, to be read again."""
        self._rest = chain([piece], self._rest)

    def close(self) -> None:
        """Let the application release its resources."""
        close = getattr(self.answer, "close", None)
        if close is not None:
            close()
