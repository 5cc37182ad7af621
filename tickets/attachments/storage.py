"""Where the bytes are: Django's storage `attachments`, under random names, whole or not at all (F36)."""

import errno
import logging
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, Storage, storages

from tickets.attachments.errors import StorageFull

logger = logging.getLogger("baton.attachments")
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
FOLDERS = [f"{number:02x}" for number in range(256)]


class LocalStorage(FileSystemStorage):
    """A folder. A saved file is on the disk before its row is written, so that no row outlives its file in a crash."""

    def _save(self, name: str, content: File) -> str:
        saved: str = super()._save(name, content)  # type: ignore[misc]
        path = Path(self.path(saved))
        for part in (path, path.parent, path.parent.parent):
            _sync(part)
        return saved

    def url(self, name: str | None) -> str:  # noqa: ARG002 (Django's signature)
        """There is none: a file is only given to who may see its ticket."""
        raise ValueError("attachments have no public address")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def storage() -> Storage:
    """The storage of this moment's settings."""
    return storages["attachments"]


@contextmanager
def full_is_a_refusal() -> Iterator[None]:
    """Turns "no room" into StorageFull; any other trouble stays what it is."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        logger.exception("attachments.storage_full", extra={"errno": error.errno})
        raise StorageFull from error


@contextmanager
def stored(content: File) -> Iterator[str]:
    """The random name under which the bytes are kept; they are gone again where the block fails.

    Open the transaction that writes the row inside this block: then a failing commit removes the file too.
    """
    token = secrets.token_hex(16)
    name = f"{token[:2]}/{token}"
    try:
        with full_is_a_refusal():
            content.seek(0)
            storage().save(name, content)
        yield name
    except BaseException:
        discard(name)
        raise


def discard(name: str) -> None:
    """Remove a file; the sweep finds what cannot be removed now."""
    with suppress(OSError):
        storage().delete(name)
