"""A server of release packages for one test: it can delay downloads, or serve a damaged package."""

import contextlib
import hashlib
import io
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

DRIP_S = 0.2


class Packages:
    """One package at `url`, with the checksum `sha256`."""

    def __init__(self) -> None:
        self.package = packed()
        self.sha256 = hashlib.sha256(self.package).hexdigest()
        self.is_damaged = False
        self.held = 0  # started downloads that must not end yet
        self._may_end = threading.Event()
        self._may_end.set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/shop.tar.gz"

    def hold(self) -> None:
        """Let no download end from now on; each gets a byte from time to time, so that clients do not time out."""
        self._may_end.clear()

    def let_go(self) -> None:
        """Let all downloads end."""
        self.held = 0
        self._may_end.set()

    def close(self) -> None:
        self.let_go()
        self._server.shutdown()
        self._server.server_close()

    def _handler(packages) -> type[BaseHTTPRequestHandler]:  # noqa: N805 (self is the handler's)
        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                body = b"damaged" + packages.package if packages.is_damaged else packages.package
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.body = body

            def do_GET(self) -> None:
                with contextlib.suppress(ConnectionError):  # a client may be cancelled
                    self.serve()

            def serve(self) -> None:
                self.do_HEAD()
                packages.held += not packages._may_end.is_set()
                sent = 0
                while not packages._may_end.wait(DRIP_S) and sent < len(self.body) - 1:
                    self.wfile.write(self.body[sent : sent + 1])
                    sent += 1
                packages._may_end.wait()
                self.wfile.write(self.body[sent:])

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (its name in the library)
                """Log nothing."""

        return Handler


def packed() -> bytes:
    """A small program as a .tar.gz archive."""
    text, out = b"shop\n" * 200, io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", compresslevel=0) as archive:
        member = tarfile.TarInfo("bin/shop")
        member.size, member.mode = len(text), 0o755
        archive.addfile(member, io.BytesIO(text))
    return out.getvalue()
