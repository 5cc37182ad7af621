"""A webhook receiver: a real server on loopback, with or without TLS, correct or faulty."""

import datetime
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

NAME = "hooks.example.com"
Behaviour = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Told:
    """One request as received."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Machine:
    """Answers 200, or first the entries of `script`: a status or a handler function. `certificate`: use TLS."""

    certificate: Path | None = None
    told: list[Told] = field(default_factory=list)
    script: list[int | Behaviour] = field(default_factory=list)
    sni: list[str] = field(default_factory=list)

    def __enter__(self) -> "Machine":
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        # Closed connections are not reported.
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]
        if self.certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate)
            context.sni_callback = lambda _sock, name, _context: self.sni.append(name)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(machine: Machine) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args: Any) -> None:
            pass

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            machine.told.append(Told(self.path, dict(self.headers), body))
            act = machine.script.pop(0) if machine.script else 200
            if callable(act):
                act(self)
            else:
                answer(self, act)

    return Handler


def answer(handler: BaseHTTPRequestHandler, status: int, **headers: str) -> None:
    """Send a complete answer without a body."""
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def self_signed(folder: Path, name: str) -> Path:
    """A certificate with its key for this name, valid today."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / f"{name}.pem"
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path
