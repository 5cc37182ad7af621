"""salt-api over HTTPS: verified certificates, no proxy, no redirects, limited sizes and times (A34, A40, F42)."""

import contextlib
import http.client
import json
import socket
import ssl
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

CONNECT_S = 5.0
UNAUTHORISED = 401
ANSWER_MAX = 64 * 1024 * 1024
LINE_MAX = 16 * 1024 * 1024


class SaltApiError(Exception):
    """salt-api did not do it. status: the HTTP status, 0 for no answer. sent: whether it may have taken effect."""

    def __init__(self, message: str, status: int = 0, *, sent: bool = True) -> None:
        super().__init__(message)
        self.status, self.sent = status, sent


@dataclass(frozen=True)
class Account:
    """Address and log-in of salt-api."""

    url: str
    username: str
    password: str = field(repr=False)
    eauth: str
    authority: str = ""


class Connection:
    """One exchange with salt-api, on a connection of its own."""

    def __init__(self, account: Account, timeout_s: float) -> None:
        parts = urlsplit(account.url)
        if parts.scheme != "https" or not parts.hostname:
            raise SaltApiError("SALT_API_URL must begin with https://", sent=False)
        try:
            trusted = ssl.create_default_context(cafile=account.authority or None)
        except OSError as error:
            raise SaltApiError(f"SALT_API_CA cannot be read: {error.strerror or error}", sent=False) from error
        self._path = parts.path.rstrip("/")
        self._http = http.client.HTTPSConnection(parts.hostname, parts.port, timeout=CONNECT_S, context=trusted)
        try:
            self._http.connect()
        except ssl.SSLError as error:
            raise SaltApiError(f"its certificate is not trusted: {error.reason or error}", sent=False) from error
        except OSError as error:
            raise SaltApiError(f"{account.url} does not answer ({error.strerror or error})", sent=False) from error
        assert self._http.sock is not None  # noqa: S101
        self.socket: socket.socket = self._http.sock
        self.socket.settimeout(timeout_s)

    def ask(self, method: str, path: str, token: str, body: Any = None) -> http.client.HTTPResponse:
        """Send a request; return the response, with its body not yet read. Raises SaltApiError."""
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        if token:
            headers["X-Auth-Token"] = token
        data = None if body is None else json.dumps(body).encode()
        try:
            self._http.request(method, self._path + path, data, headers)
            return self._http.getresponse()
        except (OSError, http.client.HTTPException) as error:
            raise SaltApiError(f"salt-api gave no answer ({type(error).__name__})") from error

    def close(self) -> None:
        """Close the connection; a thread that reads from it wakes up."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self._http.close()


def exchange(account: Account, path: str, token: str, body: Any, timeout_s: float) -> list[Any]:
    """Send the request and return salt-api's `return` list. Raises SaltApiError."""
    connection = Connection(account, timeout_s)
    try:
        answer = connection.ask("POST", path, token, body)
        try:
            data = answer.read(ANSWER_MAX + 1)
        except (OSError, http.client.HTTPException) as error:
            raise SaltApiError(f"salt-api's answer broke off ({type(error).__name__})") from error
        if answer.status != 200:
            raise SaltApiError(_why(answer.status, data), answer.status)
        if len(data) > ANSWER_MAX:
            raise SaltApiError("salt-api's answer is too large")
        return _returned(data)
    finally:
        connection.close()


def _returned(data: bytes) -> list[Any]:
    try:
        found = json.loads(data)["return"]
    except (ValueError, TypeError, KeyError) as error:
        raise SaltApiError("salt-api's answer is none of Salt's") from error
    if not isinstance(found, list):
        raise SaltApiError("salt-api's answer is none of Salt's")
    return found


def _why(status: int, data: bytes) -> str:
    """The error text: the HTTP status, or salt-api's line about a disabled client, the only helpful text it sends."""
    text = data.decode("utf-8", "replace")
    for line in text.splitlines():
        if "Client disabled" in line:
            return line.replace("<p>", "").replace("</p>", "").strip()
    if status == UNAUTHORISED:
        return f"salt-api refused it ({UNAUTHORISED})"
    return f"salt-api answered {status}"
