"""Conversion of a granian request (RSGI) to a WSGI environment (PEP 3333)."""

import sys
from io import BytesIO
from typing import IO, Any

from config.front.files import FileWrapper

PROTOCOLS = {"1": "HTTP/1.0", "1.1": "HTTP/1.1", "2": "HTTP/2"}
OWN_KEYS = {"content-type": "CONTENT_TYPE"}
# Replaced by the size counted while the body was read.
LEFT_OUT = frozenset({"content-length", "transfer-encoding"})


def host_and_port(address: str) -> tuple[str, str]:
    """("::1", "80") of "[::1]:80"; the port is "" if there is none."""
    host, _, port = address.rpartition(":")
    return (host.strip("[]"), port) if host else (address, "")


def environ_of(scope: Any, body: IO[bytes] | None, size: int | None) -> dict[str, Any]:
    """The environment of this request. size: bytes of its body, None if it has no body.

    Headers with an underscore in their name are dropped: they could be taken for others (`X_Forwarded_For`).
    """
    server, port = host_and_port(scope.server)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": server,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": PROTOCOLS.get(scope.http_version, "HTTP/1.1"),
        "REMOTE_ADDR": host_and_port(scope.client)[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": body or BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": FileWrapper,
    }
    if size is not None:
        environ["CONTENT_LENGTH"] = str(size)
    for name, value in scope.headers.items():
        if name in LEFT_OUT or "_" in name:
            continue
        key = OWN_KEYS.get(name) or "HTTP_" + name.upper().replace("-", "_")
        if key in environ:
            value = environ[key] + ("; " if name == "cookie" else ",") + value  # noqa: PLW2901
        environ[key] = value
    return environ
