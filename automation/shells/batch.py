"""Read a batch from a host and make it safe to store: readable as far as possible, and only text (A35)."""

import binascii
import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from automation.models.shell import COMMAND_MAX
from automation.values import visible

LINES_MAX = 500
SEQ_MAX = 2**53
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)


class Malformed(ValueError):
    """Not a valid batch; the reason is for the author of the sender."""


@dataclass(frozen=True)
class Line:
    """One line, cleaned and cut to the size of its columns."""

    seq: int
    at: datetime
    user: str
    session: str
    tty: str
    source: str
    cwd: str
    command: str
    is_cut: bool


@dataclass(frozen=True)
class Batch:
    """The content of one request. enrolment: the host's own enrolment id, 0 if it does not know it."""

    enrolment: int
    lines: list[Line]


def read_batch(body: bytes, received_at: datetime) -> Batch:
    """Parse the bytes into a batch. Raises Malformed."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Malformed("not JSON") from error
    if not isinstance(said, dict) or said.keys() != {"enrolment", "lines"}:
        raise Malformed("expected {enrolment, lines}")
    lines = said["lines"]
    if not isinstance(lines, list) or len(lines) > LINES_MAX:
        raise Malformed(f"lines: expected a list of at most {LINES_MAX}")
    enrolment = _number(said, "enrolment", 0)
    return Batch(enrolment, [_line(line, f"lines[{index}]", received_at) for index, line in enumerate(lines)])


def _line(said: Any, path: str, received_at: datetime) -> Line:
    if not isinstance(said, dict):
        raise Malformed(f"{path}: expected an object")
    try:
        command = _command(_bytes(said, "command"))
        return Line(
            seq=_number(said, "seq", 1),
            at=_time(_text(said, "at"), received_at),
            user=_short(_text(said, "user"), 64),
            session=_short(_text(said, "session"), 64),
            tty=_short(_text(said, "tty"), 32),
            source=_short(_text(said, "source"), 64),
            cwd=_short(_decoded(_bytes(said, "cwd")), 512),
            command=command[:COMMAND_MAX],
            is_cut=len(command) > COMMAND_MAX,
        )
    except Malformed as error:
        raise Malformed(f"{path}.{error}") from error


def _number(said: Mapping[str, Any], key: str, least: int) -> int:
    value = said.get(key)
    if type(value) is not int or not least <= value <= SEQ_MAX:
        raise Malformed(f"{key}: expected a whole number from {least} to {SEQ_MAX}")
    return value


def _text(said: Mapping[str, Any], key: str) -> str:
    value = said.get(key)
    if not isinstance(value, str):
        raise Malformed(f"{key}: expected a text")
    return value


def _bytes(said: Mapping[str, Any], key: str) -> bytes:
    text = _text(said, key)
    try:
        return b64decode(text, validate=True)
    except (ValueError, binascii.Error) as error:
        raise Malformed(f"{key}: expected base64") from error


def _decoded(data: bytes) -> str:
    """UTF-8 if it is valid; other bytes as `\\xff`. NUL is removed."""
    return data.replace(b"\0", b"").decode("utf-8", "backslashreplace")


def _command(data: bytes) -> str:
    """Line breaks and tabs stay; characters that hide, reorder or control a terminal are written as `\\u001b`."""
    return visible(_decoded(data).replace("\r\n", "\n"))


def _short(text: str, limit: int) -> str:
    """On one line, cut to its column. A lone surrogate, which JSON allows, is escaped."""
    whole = visible(text.replace("\n", "\\n").encode("utf-8", "backslashreplace").decode())
    return whole if len(whole) <= limit else whole[: limit - 1] + "…"


def _time(text: str, received_at: datetime) -> datetime:
    """The time by the host's clock, or the time of receipt if that is impossible."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return received_at
    return at if at.tzinfo and EARLIEST <= at <= received_at + AHEAD else received_at
