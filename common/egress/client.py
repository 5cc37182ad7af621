"""One HTTP request to one checked address: resolved once, pinned, no redirects, with a time limit (A40, F42)."""

import http.client
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address

from common.egress.allowed_hosts import Address, Place, Refused

CONNECT_S, READ_S, TOTAL_S = 3.0, 5.0, 10.0
ADDRESSES_MAX = 3


class NotSent(OSError):
    """No connection was made, so no request was sent: it may be retried."""


@dataclass(frozen=True)
class Answer:
    """The response. body: at most as many bytes as were asked for."""

    status: int
    body: bytes = b""


def post(place: Place, target: str, body: bytes, headers: Mapping[str, str]) -> int:
    """POST it and return the status. The response's body is never read, so it can neither delay us nor use memory.

    Raises as `exchange`.
    """
    return exchange(place, "POST", target, body, headers).status


def exchange(
    place: Place, method: str, target: str, body: bytes, headers: Mapping[str, str], *, most: int = 0
) -> Answer:
    """Send it once. most: the longest body to read, in bytes; a longer one is refused, and 0 reads none.

    Raises Refused if the host has an address that is not allowed, NotSent if no connection was made, another OSError
    or HTTPException if there was a connection but no valid response.
    """
    with _connected(place, addresses_of(place)) as sock:
        connection = http.client.HTTPConnection(place.host, place.port)
        connection.sock = sock
        connection.request(method, target, body or None, {**headers, "Host": place.authority, "Connection": "close"})
        answer = connection.getresponse()
        if not most:
            return Answer(answer.status)
        found = answer.read(most + 1)
        if len(found) > most:
            raise http.client.HTTPException(f"the answer is longer than {most} bytes")
        return Answer(answer.status, found)


def addresses_of(place: Place) -> list[Address]:
    """The host's addresses now, resolved once: the checked address is the one called. Raises Refused, NotSent."""
    try:
        found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NotSent(f"{place.host} has no address") from error
    addresses = list(dict.fromkeys(ip_address(entry[4][0]) for entry in found))
    if not all(place.accepts(address) for address in addresses):
        raise Refused(
            f"{place.host} has an address that is not public: "
            f"{place.setting} must say in which network it may be ({place.authority}=NETWORK)"
        )
    return addresses


@contextmanager
def _connected(place: Place, addresses: list[Address]) -> Iterator[socket.socket]:
    """A connection to one of these addresses, with TLS for the host's name; cut off after TOTAL_S. Raises NotSent."""
    with _first_to_answer(addresses[:ADDRESSES_MAX], place.port) as raw, _cut_in_time(raw):
        raw.settimeout(READ_S)
        if place.scheme == "http":
            yield raw
            return
        with _encrypted(raw, place.host) as sock:
            yield sock


def _encrypted(raw: socket.socket, host: str) -> ssl.SSLSocket:
    try:
        return tls().wrap_socket(raw, server_hostname=host)
    except OSError as error:  # the TLS handshake failed, so no request was sent
        raise NotSent(f"{type(error).__name__}: {getattr(error, 'verify_message', '') or error.strerror}") from error


def _first_to_answer(addresses: list[Address], port: int) -> socket.socket:
    for address in addresses[:-1]:
        try:
            return socket.create_connection((str(address), port), CONNECT_S)
        except OSError:
            continue
    try:
        return socket.create_connection((str(addresses[-1]), port), CONNECT_S)
    except OSError as error:
        raise NotSent(type(error).__name__) from error


@contextmanager
def _cut_in_time(sock: socket.socket) -> Iterator[None]:
    """Shut the connection down after TOTAL_S: a limit for each read does not stop a server that sends byte by byte."""
    same = sock.dup()  # wrapping for TLS detaches the first socket's descriptor
    timer = threading.Timer(TOTAL_S, _cut, [same])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        same.close()


def _cut(sock: socket.socket) -> None:
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the other side closed it first


@cache
def tls() -> ssl.SSLContext:
    """TLS settings: the system's certificate authorities, or those of SSL_CERT_FILE; host names are checked."""
    return ssl.create_default_context()
