"""Local test servers: a WeCom that records calls and fails on demand, and a real SMTP server."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from aiosmtpd.controller import Controller

Answer = dict[str, Any]


@dataclass
class Call:
    """One request as received."""

    endpoint: str
    query: dict[str, str]
    body: dict[str, Any]


@dataclass
class FakeWeCom:
    """Answers like the platform. `script[endpoint]` contains answers to give first."""

    calls: list[Call] = field(default_factory=list)
    script: dict[str, list[Answer | int | Callable[[], Answer]]] = field(default_factory=dict)
    users: dict[str, Answer] = field(default_factory=dict)
    tokens: int = 0
    codes: int = 0

    def __enter__(self) -> "FakeWeCom":
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def of(self, endpoint: str) -> list[Call]:
        """The calls of one endpoint, oldest first."""
        return [call for call in self.calls if call.endpoint == endpoint]

    def cards(self, userid: str = "") -> list[dict[str, Any]]:
        """The cards that were sent (to this person)."""
        sent = [call.body for call in self.of("message/send") if call.body.get("msgtype") == "template_card"]
        return [body["template_card"] for body in sent if userid in ("", body["touser"])]

    def updates(self, userid: str = "") -> list[str]:
        """The texts on cards that were updated (for this person)."""
        bodies = [call.body for call in self.of("message/update_template_card")]
        return [b["button"]["replace_name"] for b in bodies if userid in ("", *b["userids"])]

    def answer(self, call: Call) -> Answer | int:
        """The answer: an object, or a bare HTTP status."""
        self.calls.append(call)
        scripted = self.script.get(call.endpoint, [])
        if scripted:
            given = scripted.pop(0)
            return given() if callable(given) else given
        if call.endpoint == "gettoken":
            self.tokens += 1
            return ok(access_token=f"token-{self.tokens}", expires_in=7200)
        if call.endpoint == "auth/getuserinfo":
            return self.users.pop(call.query.get("code", ""), {"errcode": 40029, "errmsg": "invalid code"})
        self.codes += 1
        return ok(msgid=f"msg-{self.codes}", response_code=f"send-{self.codes}")


def ok(**more: Any) -> Answer:
    """A successful answer."""
    return {"errcode": 0, "errmsg": "ok", **more}


def slow(seconds: float) -> Callable[[], Answer]:
    """A delayed answer."""

    def answer() -> Answer:
        time.sleep(seconds)
        return ok()

    return answer


def read(body: bytes) -> dict[str, Any]:
    """The body of a call: JSON, or a raw file."""
    return json.loads(body) if body.startswith(b"{") else {"raw": body} if body else {}


def _handler(fake: FakeWeCom) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args: Any) -> None:
            pass

        def _reply(self, body: bytes) -> None:
            parts = urlsplit(self.path)
            endpoint = parts.path.removeprefix("/cgi-bin/")
            call = Call(endpoint, dict(parse_qsl(parts.query)), read(body))
            given = fake.answer(call)
            status, raw = (given, b"") if isinstance(given, int) else (200, json.dumps(given).encode())
            try:
                self.send_response(status)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)
            except OSError:
                self.close_connection = True  # the client gave up

        def do_GET(self) -> None:
            self._reply(b"")

        def do_POST(self) -> None:
            self._reply(self.rfile.read(int(self.headers["Content-Length"])))

    return Handler


class Mailserver:
    """An SMTP server (aiosmtpd) that keeps accepted mails. `replies` replace the acceptance, one per message."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.replies: list[str] = []
        self.rcpt_replies: list[str] = []
        self.hang = False
        self.accept_then_fail = False

    def __enter__(self) -> "Mailserver":
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._controller.stop()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.rcpt_replies:
            return self.rcpt_replies.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.hang:
            await asyncio.sleep(3)
        if self.replies:
            return self.replies.pop(0)
        parsed = message_from_bytes(envelope.content, policy=policy.default)
        self.mails.append(parsed)
        self.recipients.append(envelope.rcpt_tos)
        return "451 lost after the final dot" if self.accept_then_fail else "250 OK"
