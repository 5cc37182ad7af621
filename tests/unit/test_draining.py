"""A refusal that comes before the body was read costs nobody the connection, with the real server."""

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.draining import draining

ROOT = Path(__file__).parents[2]


@draining
def refusing(_environ, start_response):
    """Answers without a look at the body."""
    start_response("401 Unauthorized", [("Content-Type", "text/plain"), ("Content-Length", "2")])
    return [b"no"]


@pytest.fixture(scope="module")
def server() -> Iterator[int]:
    """The port of granian, which runs `refusing`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--workers", "1", "--no-ws", f"{__name__}:refusing",
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
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


@pytest.mark.services
@pytest.mark.parametrize(("size", "rounds"), [(1, 100), (500, 100), (100_000, 100), (3_000_000, 10)])
def test_one_connection_carries_them_all(server, size, rounds) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server, timeout=10)
    connection.connect()
    line = connection.sock
    for _round in range(rounds):
        connection.request("POST", "/api/v1/tickets", body=b"x" * size)
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (401, b"no")
    assert connection.sock is line
    connection.close()


def test_what_was_read_is_not_asked_for_again_and_nothing_where_there_is_no_body() -> None:
    class Body:
        left, reads = 10, 0

        def read(self, size: int) -> bytes:
            self.reads += 1
            part, self.left = min(size, self.left), max(0, self.left - size)
            return b"x" * part

    body = Body()
    assert refusing({"wsgi.input": body}, lambda *_: None) == [b"no"]
    assert body.reads == 0
    refusing({"wsgi.input": body, "CONTENT_LENGTH": "10"}, lambda *_: None)
    assert (body.left, body.reads) == (0, 2)
