"""Store files in Django's storage `attachments`, under random names, completely or not at all (F36)."""

import errno
import logging
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, Storage, storages

from tickets.files.errors import StorageFull

logger = logging.getLogger("baton.attachments")
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
FOLDERS = [f"{number:02x}" for number in range(256)]


class LocalStorage(FileSystemStorage):
    """A local folder. A file is synced to disk before its row is written, so no row lacks its file after a crash."""

    def _save(self, name: str, content: File) -> str:
        saved: str = super()._save(name, content)  # type: ignore[misc]
        path = Path(self.path(saved))
        for part in (path, path.parent, path.parent.parent):
            _sync(part)
        return saved

    def url(self, name: str | None) -> str:  # noqa: ARG002 (Django's signature)
        """Attachments have no URL: a file is only sent to people who may see its ticket."""
        raise ValueError("attachments have no public address")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def storage() -> Storage:
    """The storage of the current settings."""
    return storages["attachments"]


@contextmanager
def full_is_a_refusal() -> Iterator[None]:
    """Turn errors about a full disk into StorageFull; raise all others unchanged."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        logger.exception("attachments.storage_full", extra={"errno": error.errno})
        raise StorageFull from error


@contextmanager
def stored(content: File) -> Iterator[str]:
    """Store the bytes under a random name and yield it; they are deleted if the block fails.

    Open the transaction that writes the row inside this block: then a failed commit deletes the file too.
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
    """Delete a file; the sweep finds files that cannot be deleted now."""
    with suppress(OSError):
        storage().delete(name)
