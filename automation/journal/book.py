"""An append-only file of signed lines, each chained to the line before it.

One JSON object per line: {seq, at, do, …, mac}; mac signs (common.keys) the line before and this one. The first line
gives the journal its id. Without the key, nobody can change or insert a line; if lines are cut off the end, the
marks in the database show it (automation.journal.marks). A line counts once it is complete and on the disk.
"""

import fcntl
import json
import os
import stat
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from common import keys
from common.chain import canonical

FILE, LOCK = "journal", "lock"
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
Line = dict[str, Any]


class JournalUnusable(Exception):
    """Nothing may run; the message gives operators the reason."""


class Book:
    """The journal of one folder, as this process has read it. Only new lines are read again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._here = threading.Lock()
        self._forget()

    def _forget(self) -> None:
        self.id, self.opened_at, self.seq = "", "", -1
        self._mac, self._end, self._inode, self._last = "", 0, 0, b""
        self.lines: dict[tuple[str, str, int], list[Line]] = {}

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / FILE

    @contextmanager
    def held(self, *, create: bool = True) -> Iterator["Book"]:
        """Locked against every thread and process, and up to date. Raises JournalUnusable.

        create: whether a missing journal is created.
        """
        with self._here:
            try:
                if create:
                    self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                _require_private(self.folder)
                with _opened(self.folder / LOCK, os.O_RDWR | os.O_CREAT) as lock:
                    fcntl.flock(lock, fcntl.LOCK_EX)
                    self._catch_up(create=create)
                    yield self
            except OSError as error:
                raise JournalUnusable(f"{self.folder}: {error.strerror or error}") from error

    def append(self, **said: Any) -> Line:
        """Write one line and wait until it is on the disk. Only while the journal is held."""
        line = {"seq": self.seq + 1, "at": datetime.now(UTC).isoformat(), **said}
        line["mac"] = keys.sign(_signed(line, self._mac))
        data = canonical(line) + b"\n"
        with _opened(self.path, os.O_WRONLY | os.O_APPEND) as file:
            written = os.write(file, data)
            os.fsync(file)
        if written != len(data):
            raise JournalUnusable(f"{self.path}: the disk is full")
        self._take(line, data)
        return line

    def _catch_up(self, *, create: bool) -> None:
        try:
            status = self.path.lstat()
        except FileNotFoundError:
            self._forget()
            if not create:
                raise JournalUnusable(f"{self.folder}: there is no journal") from None
            with _opened(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL):
                pass
            _flush(self.folder)
            status = self.path.stat()
        if not stat.S_ISREG(status.st_mode) or status.st_mode & OTHERS_WRITE:
            raise JournalUnusable(f"{self.path}: must be a file that only its user can write")
        if (status.st_ino, status.st_size >= self._end) != (self._inode, True):
            self._forget()
            self._inode = status.st_ino
        self._read()
        if self.seq < 0:
            if not create:
                raise JournalUnusable(f"{self.path}: is empty")
            self.append(do="open", id=uuid.uuid4().hex)

    def _read(self) -> None:
        with _opened(self.path, os.O_RDWR) as file:
            if os.pread(file, len(self._last), self._end - len(self._last)) != self._last:
                raise JournalUnusable(f"{self.path}: was changed")
            while data := os.pread(file, 1 << 20, self._end):
                whole, newline, _rest = data.rpartition(b"\n")
                if not newline:
                    os.ftruncate(file, self._end)  # cut short by a crash before it counted: nothing ran under it
                    return
                for raw in whole.split(b"\n"):
                    self._take(self._checked(raw), raw + b"\n")

    def _checked(self, raw: bytes) -> Line:
        try:
            line: Line = json.loads(raw)
            sound = line["seq"] == self.seq + 1 and keys.is_signed(_signed(line, self._mac), line["mac"])
        except (ValueError, KeyError, TypeError):
            sound = False
        if not sound:
            raise JournalUnusable(f"{self.path}: line {self.seq + 2} was changed, or lines before it are gone")
        return line

    def _take(self, line: Line, raw: bytes) -> None:
        self.seq, self._mac, self._last = line["seq"], line["mac"], raw
        self._end += len(raw)
        if line["do"] == "open":
            self.id, self.opened_at = line["id"], line["at"]
        else:
            self.lines.setdefault((line["number"], line["node"], line["round"]), []).append(line)


def _signed(line: Line, previous: str) -> bytes:
    return b"journal\n" + previous.encode() + canonical({key: line[key] for key in line if key != "mac"})


def _require_private(folder: Path) -> None:
    if folder.stat().st_mode & OTHERS_WRITE:
        raise JournalUnusable(f"{folder}: others can write there; chmod 700")


@contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    file = os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        yield file
    finally:
        os.close(file)


def _flush(folder: Path) -> None:
    with _opened(folder, os.O_RDONLY | os.O_DIRECTORY) as opened:
        os.fsync(opened)


_books: dict[Path, Book] = {}


def book() -> Book:
    """The journal of this executor (BATON_JOURNAL_DIR)."""
    folder = Path(settings.JOURNAL_DIR)
    return _books.setdefault(folder, Book(folder))
