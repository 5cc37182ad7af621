"""Every request's body is read to its end before it is answered.

A refusal (401, 404, 415, too large) may come before anybody has looked at the body. A server that still has bytes of
it on the wire then cannot keep the connection, and the next request on it is lost without an answer.
"""

from collections.abc import Callable, Iterable
from typing import Any

MOST = 32 * 1024 * 1024  # whoever sends more may lose the connection
CHUNK = 64 * 1024

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def draining(application: Application) -> Application:
    """This WSGI application, but for bodies that it leaves unread."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        try:
            return application(environ, start_response)
        finally:
            if environ.get("CONTENT_LENGTH") or "HTTP_TRANSFER_ENCODING" in environ:
                _drain(environ["wsgi.input"])

    return answer


def _drain(body: Any) -> None:
    left = MOST
    while left > 0 and (chunk := body.read(min(left, CHUNK))):
        left -= len(chunk)
