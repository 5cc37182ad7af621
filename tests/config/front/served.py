"""An application for the tests of the front, with one path per case and short time limits."""

import json
import tempfile
import time

from config.front import bodies
from config.front.application import Front

bodies.GRACE_S = 1.5
bodies.MOST_OPEN = 8
LARGEST = 5_000_000
FILE_BYTES = 3_000_000


def whole_file(environ, start_response):
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the answer closes it)
    file.write(b"0123456789" * (FILE_BYTES // 10))
    file.seek(0)
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(FILE_BYTES))])
    return environ["wsgi.file_wrapper"](file, 4096)


def pieces(_environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    for _round in range(10):
        yield b"x" * 100_000


def seen(environ, start_response):
    """Return the environment's text values and the body's length as JSON."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    facts = {key: value for key, value in environ.items() if isinstance(value, str)} | {"body": len(body)}
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(facts).encode()]


def refusing(_environ, start_response):
    """Answer without reading the body."""
    start_response("401 Unauthorized", [("Content-Type", "text/plain"), ("Content-Length", "2")])
    return [b"no"]


def sleeping(_environ, start_response):
    time.sleep(2)
    start_response("200 OK", [])
    return [b"slept"]


DOORS = {"/file": whole_file, "/pieces": pieces, "/refusing": refusing, "/sleeping": sleeping}


def app(environ, start_response):
    return DOORS.get(environ["PATH_INFO"], seen)(environ, start_response)


def refusal(_status, code, _language):
    return [("content-type", "text/plain")], code.encode()


application = Front(app, refusal, threads=2, largest=LARGEST, proxies=0)
trusting = Front(app, refusal, threads=2, largest=LARGEST, proxies=1)
application.main.longest = 4
