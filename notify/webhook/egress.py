"""One HTTP request to one checked address: resolved once, pinned, without redirects, within time (A40, F42)."""

import http.client
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from ipaddress import ip_address

from notify.webhook.allowlist import Address, Place, Refused

CONNECT_S, READ_S, TOTAL_S = 3.0, 5.0, 10.0
ADDRESSES_MAX = 3


def post(place: Place, target: str, body: bytes, headers: Mapping[str, str]) -> int:
    """POST it, and answer the status. The answer's body is never read: nothing in it can hold or fill us.

    Raises Refused where the host has an address it must not have, OSError or HTTPException where it does not
    answer properly.
    """
    with _connected(place, addresses_of(place)) as sock:
        connection = http.client.HTTPConnection(place.host, place.port)
        connection.sock = sock
        connection.request("POST", target, body, {**headers, "Host": place.authority, "Connection": "close"})
        return connection.getresponse().status


def addresses_of(place: Place) -> list[Address]:
    """What the name stands for now: asked once, so that what was checked is what is called. Raises Refused."""
    found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(ip_address(entry[4][0]) for entry in found))
    if not all(place.accepts(address) for address in addresses):
        raise Refused(
            f"{place.host} has an address that is not public: "
            f"BATON_WEBHOOK_HOSTS must say in which network it may be ({place.authority}=NETWORK)"
        )
    return addresses


@contextmanager
def _connected(place: Place, addresses: list[Address]) -> Iterator[socket.socket]:
    """A connection to one of these addresses, encrypted for the host's name; cut off after TOTAL_S."""
    with _first_to_answer(addresses[:ADDRESSES_MAX], place.port) as raw, _cut_in_time(raw):
        raw.settimeout(READ_S)
        if place.scheme == "http":
            yield raw
            return
        with tls().wrap_socket(raw, server_hostname=place.host) as sock:
            yield sock


def _first_to_answer(addresses: list[Address], port: int) -> socket.socket:
    for address in addresses[:-1]:
        try:
            return socket.create_connection((str(address), port), CONNECT_S)
        except OSError:
            continue
    return socket.create_connection((str(addresses[-1]), port), CONNECT_S)


@contextmanager
def _cut_in_time(sock: socket.socket) -> Iterator[None]:
    """End the connection after TOTAL_S: time limits on single reads do not stop one who sends byte by byte."""
    same = sock.dup()  # wrapping for TLS takes the first one's descriptor away
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
        return  # the other side was quicker


@cache
def tls() -> ssl.SSLContext:
    """The system's certificate authorities, or those of SSL_CERT_FILE; names are checked."""
    return ssl.create_default_context()
