"""Anchors: the end of the chain over all tickets, exported from the database (A32, F13).

A small signed file, written every day into BATON_ANCHOR_DIR and, if configured, mailed to the administrators.
Whoever cuts the chain in the database cannot remove these copies.
"""

import os
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypedDict

import orjson
from django.conf import settings
from django.utils import timezone

from common import keys
from common.chain import canonical
from tickets.audit import checkpoints
from tickets.audit.verify import Break
from tickets.models import Checkpoint

NAME = re.compile(r"anchor-(\d{4}-\d{2}-\d{2})-(\d{8})\.json")


class Anchor(TypedDict):
    """An anchor file. checkpoint: its number. at: ISO. hash: the checkpoint's. mac: signature over the rest."""

    baton: str
    checkpoint: int
    at: str
    hash: str
    mac: str


class NoAnchor(Exception):
    """There is no anchor, or it cannot be used. The text is for operators."""


def make() -> Anchor | None:
    """Add checkpoints for all new events and return the end of the chain; None if there are no events yet."""
    link = checkpoints.add()
    if link is None:
        return None
    said = {
        "baton": "anchor",
        "checkpoint": link.number,
        "at": link.at.astimezone(UTC).isoformat(timespec="seconds"),
        "hash": link.hash,
    }
    return Anchor(**said, mac=keys.sign(_signed(said)))  # type: ignore[typeddict-item]


def text_of(anchor: Anchor) -> str:
    """The text of an anchor file."""
    return orjson.dumps(anchor, option=orjson.OPT_INDENT_2).decode() + "\n"


def folder() -> Path:
    """The folder for anchors."""
    return Path(settings.ANCHOR_DIR)


def keep(anchor: Anchor) -> Path:
    """Write an anchor file atomically and return its path. Raises OSError."""
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    day = timezone.localdate(datetime.fromisoformat(anchor["at"]))
    path = folder() / f"anchor-{day.isoformat()}-{anchor['checkpoint']:08}.json"
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_text(text_of(anchor), encoding="utf-8")
    part.chmod(0o600)
    part.rename(path)
    return path


def kept() -> list[tuple[date, Path]]:
    """(day, file) of every anchor in the folder, oldest first."""
    files = sorted(folder().iterdir()) if folder().is_dir() else []
    found = ((NAME.fullmatch(path.name), path) for path in files)
    return [(date.fromisoformat(match[1]), path) for match, path in found if match]


def read(path: Path) -> Anchor:
    """Read an anchor file. Raises NoAnchor."""
    try:
        anchor: dict[str, Any] = orjson.loads(path.read_bytes())
        said = {key: anchor[key] for key in ("baton", "checkpoint", "at", "hash")}
        is_ours = keys.is_signed(_signed(said), anchor["mac"]) and anchor["baton"] == "anchor"
    except OSError as error:
        raise NoAnchor(f"{path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NoAnchor(f"{path}: is not an anchor") from error
    if not is_ours:
        raise NoAnchor(f"{path}: was changed, or signed by a key that is not ours")
    return Anchor(**anchor)  # type: ignore[typeddict-item]


def of_day(day: date) -> Path:
    """The newest anchor file in the folder made on or before this day. Raises NoAnchor."""
    files = [path for made, path in kept() if made <= day]
    if not files:
        raise NoAnchor(f"{folder()} holds no anchor of {day.isoformat()} or before")
    return files[-1]


def breaks(paths: list[Path] | None = None) -> Iterator[Break]:
    """Report where the chain in the database differs from these anchor files (default: all in the folder)."""
    for path in [path for _day, path in kept()] if paths is None else paths:
        try:
            anchor = read(path)
        except NoAnchor as error:
            yield Break("anchor", 0, "broken_anchor", str(error))
            continue
        if not Checkpoint.objects.filter(number=anchor["checkpoint"], hash=anchor["hash"]).exists():
            what = f"checkpoint {anchor['checkpoint']} of {path.name} ({anchor['at']}) is gone, or another one"
            yield Break("checkpoints", 0, "cut_checkpoints", what)


def _signed(said: dict[str, Any]) -> bytes:
    return b"anchor\n" + canonical(said)
