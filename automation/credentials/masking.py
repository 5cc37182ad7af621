"""The forms in which a secret may appear in a run's output."""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

LEAST = 6  # shorter pieces occur in many texts by chance


def forms(secret: str, username: str = "") -> set[str]:
    """The secret itself, each of its lines, and as programs quote or encode it; base64 at any position in a text.

    username: also mask the pair of both, as HTTP sends it.
    """
    found = set(_of(secret))
    if username:
        found.update(_base64(f"{username}:{secret}".encode()))
    return {form for form in found if len(form) >= LEAST}


def _of(secret: str) -> Iterator[str]:
    lines = [line.strip() for line in secret.splitlines()]
    for piece in {secret, *lines}:
        yield piece
        yield from (quote(piece, safe=""), quote(piece), quote_plus(piece))
        yield from (json.dumps(piece)[1:-1], json.dumps(piece, ensure_ascii=False)[1:-1])
        yield from (repr(piece)[1:-1], escape(piece), piece.replace("'", "'\"'\"'"), piece.replace("'", "''"))
    yield from _base64(secret.encode())


def _base64(data: bytes) -> Iterator[str]:
    """Base64 encodes groups of three bytes, so the text around a secret shifts it: three cores, one per position.

    A core leaves out the characters that also depend on neighbouring bytes.
    """
    for encode in (b64encode, urlsafe_b64encode):
        for before in range(3):
            shifted = encode(b"\0" * before + data).decode().rstrip("=")
            spare = (before + len(data)) % 3
            yield shifted[(0, 2, 3)[before] : len(shifted) - (1 if spare else 0)]
