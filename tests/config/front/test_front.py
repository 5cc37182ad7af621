"""The front with the real server: slow requests wait outside, refused ones do not wait (A47, F42)."""

import http.client
import json
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

import psutil
import pytest

from config.front.bodies import GRACE_S
from devtools.embedded.commands import web
from tests.config.front.served import FILE_BYTES, LARGEST

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.services


def serve(target: str, log: IO[bytes] | None = None) -> Iterator[int]:
    """The port of the server as `make run` starts it, with one worker and an application of ours."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        *web(port)[:-1],
        "--workers",
        "1",
        "--http1-header-read-timeout",
        "2000",
        f"tests.config.front.served:{target}",
    ]
    process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    yield from serve("application")


@pytest.fixture
def sockets() -> Iterator[list[socket.socket]]:
    opened: list[socket.socket] = []
    yield opened
    for one in opened:
        one.close()


def opened(port: int, sockets: list[socket.socket], data: bytes = b"") -> socket.socket:
    """A socket that has sent this much and sends nothing more."""
    one = socket.create_connection(("127.0.0.1", port), 10)
    sockets.append(one)
    if data:
        one.sendall(data)
    return one


def said(one: socket.socket) -> bytes:
    """Everything until the server closes."""
    one.settimeout(10)
    found = b""
    while data := one.recv(65536):
        found += data
    return found


def pushing_fails(one: socket.socket, blocks: list[bytes], pause_s: float = 0) -> None:
    """Fails unless the server closes before all of it is sent."""
    try:
        for block in blocks:
            one.sendall(block)
            time.sleep(pause_s)
    except OSError:
        return
    raise AssertionError("it took everything")


def head(path: str, *headers: str, method: str = "POST") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: x", *headers, "", ""]).encode()


def ask(port: int, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    return answer.status, data


@pytest.mark.parametrize("path", ["/refusing", "/seen"])
@pytest.mark.parametrize(("size", "rounds"), [(1, 50), (500, 50), (100_001, 50), (3_000_000, 5)])
def test_one_connection_carries_them_all(port, size, rounds, path) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.connect()
    line = connection.sock
    for _round in range(rounds):
        connection.request("POST", path, body=b"x" * size)
        answer = connection.getresponse()
        data = answer.read()
        assert data == b"no" if path == "/refusing" else json.loads(data)["body"] == size
    assert connection.sock is line
    connection.close()


def test_A47_bodies_that_do_not_come_hold_no_thread(port, sockets) -> None:
    for _number in range(7):
        opened(port, sockets, head("/seen", "Content-Length: 10") + b"abc")
    for _number in range(40):
        opened(port, sockets, b"POST /se")
        opened(port, sockets)
    began = time.monotonic()
    for path in ("/seen", "/healthz", "/readyz", "/wecom/callback", "/intake/shell"):
        assert ask(port, path)[0] == 200
    assert ask(port, "/seen", "POST", b"x" * 200_000)[0] == 200
    assert time.monotonic() - began < 1


def test_A47_a_body_that_is_too_slow_is_refused_and_its_connection_closed(port, sockets) -> None:
    silent = opened(port, sockets, head("/seen", "Content-Length: 10") + b"abc")
    chunked = opened(port, sockets, head("/seen", "Transfer-Encoding: chunked") + b"3\r\nabc\r\n")
    began = time.monotonic()
    for one in (silent, chunked):
        answer = said(one)
        assert b" 408 " in answer.splitlines()[0]
        assert answer.endswith(b"body_too_slow")
    assert 1 < time.monotonic() - began < 5


def test_A47_a_trickle_is_cut_off_however_long_it_goes_on(port, sockets) -> None:
    one = opened(port, sockets, head("/seen", "Content-Length: 1000000"))
    began = time.monotonic()
    pushing_fails(one, [b"x" * 100] * 160, pause_s=0.05)
    assert time.monotonic() - began < 5


def test_a_slow_but_steady_body_arrives(port, sockets) -> None:
    one = opened(port, sockets, head("/seen", "Content-Length: 400000", "Connection: close"))
    for _number in range(20):
        one.sendall(b"x" * 20_000)
        time.sleep(0.12)
    assert b'"body": 400000' in said(one)


def test_what_is_too_large_is_not_waited_for(port, sockets) -> None:
    one = opened(port, sockets, head("/seen", f"Content-Length: {LARGEST + 1}") + b"abc")
    began = time.monotonic()
    assert said(one).endswith(b"body_too_large")
    assert time.monotonic() - began < GRACE_S / 2
    endless = opened(port, sockets, head("/seen", "Transfer-Encoding: chunked"))
    block = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    # Sockets hold some 10 MB on their own, so more than that is needed to notice that nobody reads.
    pushing_fails(endless, [block] * (10 * LARGEST // 0x10000))


def test_a_body_cut_off_never_reaches_the_application(port, sockets) -> None:
    for headers, data in (("Content-Length: 10", b"abc"), ("Transfer-Encoding: chunked", b"3\r\nabc\r\n")):
        one = opened(port, sockets, head("/seen", headers) + data)
        one.shutdown(socket.SHUT_WR)
        assert b" 200 " not in said(one)


def test_A47_a_body_cut_off_writes_no_traceback(tmp_path, sockets) -> None:
    """Whoever leaves in the middle of a body costs no line of the log, let alone thirty."""
    with (tmp_path / "log").open("wb") as log:
        for port in serve("application", log):
            for headers, data in (("Content-Length: 10", b"abc"), ("Content-Length: 500000", b"abc")):
                one = opened(port, sockets, head("/seen", headers) + data)
                one.shutdown(socket.SHUT_WR)
                said(one)
            assert ask(port, "/healthz")[0] == 200
    assert b"Traceback" not in (tmp_path / "log").read_bytes()


def test_A47_of_one_address_the_slowest_body_makes_room(port, sockets) -> None:
    first = opened(port, sockets, head("/seen", "Content-Length: 10") + b"abc")
    time.sleep(0.3)
    for _number in range(8):
        opened(port, sockets, head("/seen", "Content-Length: 10") + b"abc")
    first.settimeout(0.8)  # long before its own time is up
    assert b" 408 " in first.recv(1000)


def test_A47_behind_a_trusted_proxy_each_address_has_places_of_its_own(sockets) -> None:
    for trusting in serve("trusting"):
        first = opened(trusting, sockets, head("/seen", "Content-Length: 10", "X-Forwarded-For: 9.9.9.9, 10.0.0.1"))
        for number in range(9):
            address = f"X-Forwarded-For: 10.0.0.1, 10.0.1.{number}"
            opened(trusting, sockets, head("/seen", "Content-Length: 10", address))
        first.settimeout(0.5)
        with pytest.raises(TimeoutError):
            first.recv(1)


def test_F42_probes_and_callbacks_have_threads_of_their_own(port) -> None:
    with ThreadPoolExecutor(2) as busy:
        slow = [busy.submit(ask, port, "/sleeping") for _number in range(2)]
        time.sleep(0.3)
        began = time.monotonic()
        assert ask(port, "/healthz") == (200, b'{"ok": true}')
        assert ask(port, "/readyz")[0] == ask(port, "/wecom/callback")[0] == ask(port, "/intake/shell")[0] == 200
        assert time.monotonic() - began < 1
        assert [one.result() for one in slow] == [(200, b"slept")] * 2


def test_A47_more_than_can_wait_is_told_so(port) -> None:
    with ThreadPoolExecutor(12) as many:
        answers = list(many.map(lambda _number: ask(port, "/sleeping"), range(12)))
    assert (503, b"busy") in answers
    assert answers.count((200, b"slept")) > 2  # more than there are threads: some have waited for their turn


def test_idle_connections_are_closed(port, sockets) -> None:
    silent, half, done = opened(port, sockets), opened(port, sockets, b"GET /se"), opened(port, sockets)
    done.sendall(head("/healthz", method="GET"))
    for one in (silent, half, done):
        said(one)


def test_a_slow_reader_of_a_file_holds_no_thread(port, sockets) -> None:
    readers = [opened(port, sockets, head("/file", "Connection: close", method="GET")) for _number in range(4)]
    time.sleep(0.3)
    began = time.monotonic()
    assert ask(port, "/seen")[0] == 200
    assert time.monotonic() - began < 1
    for one in readers:
        answer = said(one)
        headers, _, data = answer.partition(b"\r\n\r\n")
        assert headers.lower().count(b"content-length: %d" % FILE_BYTES) == 1
        assert data == b"0123456789" * (FILE_BYTES // 10)


def test_a_head_of_a_file_has_no_body(port, sockets) -> None:
    one = opened(port, sockets, head("/file", "Connection: close", method="HEAD"))
    assert said(one).partition(b"\r\n\r\n")[2] == b""


def test_an_answer_in_pieces_arrives(port) -> None:
    assert ask(port, "/pieces") == (200, b"x" * 1_000_000)


def test_the_environment_is_as_applications_expect(port, sockets) -> None:
    lines = ["X-Twice: a", "X-Twice: b", "Cookie: a=1", "Cookie: b=2", "X_Forwarded_For: 6.6.6.6", "Connection: close"]
    one = opened(port, sockets, head("/seen/%E4%B8%AD%2Fx?q=%E4%B8%AD", *lines, method="GET"))
    found = json.loads(said(one).partition(b"\r\n\r\n")[2])
    assert found["PATH_INFO"].encode("latin-1").decode() == "/seen/中/x"
    assert (found["QUERY_STRING"], found["HTTP_X_TWICE"], found["HTTP_COOKIE"]) == ("q=%E4%B8%AD", "a,b", "a=1; b=2")
    assert (found["REMOTE_ADDR"], found["SERVER_PORT"], found["HTTP_HOST"]) == ("127.0.0.1", str(port), "x")
    assert "HTTP_X_FORWARDED_FOR" not in found
    assert found["body"] == 0


def test_F15_a_stopped_server_answers_what_it_has_begun() -> None:
    serving: Any = serve("application")
    port = next(serving)
    server = next(child for child in psutil.Process().children() if str(port) in child.cmdline())
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", "/sleeping")
    other = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    other.request("GET", "/later")  # when it is answered, the earlier one has begun
    assert other.getresponse().status == 200
    server.terminate()
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (200, b"slept")
    assert server.wait(20) == 0
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 5)
    serving.close()
