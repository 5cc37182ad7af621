"""Compressed answers: catalogues only, because how long a compressed text is tells what else is in it (BREACH)."""

import gzip
from typing import Any

import pytest
from django.urls import URLPattern, get_resolver

from common.compression import Compressed, accepts_gzip
from tests.api.calls import Api
from tests.factories import LEAVE, submit

pytestmark = pytest.mark.usefixtures("world")
# A view that comes to this list holds nothing that the rule in common/compression.py forbids: look at it.
CATALOGUES = {"schema", "users", "departments", "actions", "templates", "templates/<slug:key>"}
LARGE = ("/api/schema", "/api/v1/actions", "/api/v1/templates", "/api/v1/templates/leave")


def views(patterns: Any = None, prefix: str = "") -> dict[str, Any]:
    """Path → view class, of all views of the API."""
    found: dict[str, Any] = {}
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            found[path] = getattr(pattern.callback, "cls", None)
        else:
            found |= views(pattern.url_patterns, path)
    return found


def test_only_catalogues_are_compressed() -> None:
    compressed = {path.removeprefix("api/").removeprefix("v1/") for path, view in views().items()
                  if view is not None and issubclass(view, Compressed)}  # fmt: skip
    assert compressed == CATALOGUES


@pytest.mark.parametrize("path", LARGE)
def test_a_large_catalogue_is_compressed_for_who_can_read_it(path) -> None:
    client = Api("alice").client
    plain, packed = client.get(path), client.get(path, headers={"accept-encoding": "br, gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert len(packed.content) == int(packed.headers["Content-Length"]) < len(plain.content) / 2
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert "Accept-Encoding" in packed.headers["Vary"]


@pytest.mark.parametrize("path", ["me", "me/tokens", "tickets?box=all", "tasks", "notifications", "tickets/{number}",
                                  "tickets/{number}/events", "departments", "templates/no-such-one"])  # fmt: skip
def test_what_people_write_what_is_secret_and_what_is_small_stays_as_it_is(path) -> None:
    for number in range(5):
        ticket = submit("leave", LEAVE, title=f"{number} " + "aaaa " * 20)
    answer = Api("alice").client.get(
        f"/api/v1/{path.format(number=ticket.number)}", headers={"accept-encoding": "gzip"}
    )
    assert "Content-Encoding" not in answer.headers
    assert answer.content[:1] == b"{"


@pytest.mark.parametrize(
    ("header", "does"),
    [("gzip", True), ("GZIP;q=0.5", True), ("br;q=1.0, gzip", True), ("", False), ("identity", False),
     ("gzip;q=0", False), ("gzip; q=0.0", False), ("x-gzip-like", False), ("*", False)],
)  # fmt: skip
def test_who_takes_gzip(header, does) -> None:
    assert accepts_gzip(header) is does
