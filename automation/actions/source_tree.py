"""The files of a folder or a commit: names, kinds and sizes first; bytes are read only on request."""

import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

ENTRIES_MAX = 20_000


class SourceUnusable(Exception):
    """The source cannot be read; the text is for people and contains no secret."""


@dataclass(frozen=True)
class Entry:
    """One file in a tree. odd: why it cannot be used, "" for a plain file. id: the tree's own id for it (git blob)."""

    size: int
    odd: str = ""
    id: str = ""


class Tree(Protocol):
    """A folder or a commit."""

    @property
    def entries(self) -> Mapping[str, Entry]:
        """All entries, by path."""
        ...

    @property
    def commit(self) -> str:
        """The commit id, "" for a folder."""
        ...

    def read(self, names: Iterable[str]) -> dict[str, bytes]:
        """The bytes of these plain files. Raises SourceUnusable."""
        ...


@dataclass(frozen=True)
class FolderTree:
    """A folder on this machine, in its current state; links in it are not followed."""

    root: Path
    entries: Mapping[str, Entry]
    commit: str = field(default="", init=False)

    def read(self, names: Iterable[str]) -> dict[str, bytes]:
        """The current bytes of these files. Raises SourceUnusable if a size differs from the listing."""
        return {name: self._read(name, self.entries[name].size) for name in names}

    def _read(self, name: str, size: int) -> bytes:
        try:
            descriptor = os.open(self.root / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(descriptor, "rb") as file:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    raise SourceUnusable(f"{name} is no plain file any more")
                data = file.read(size + 1)
        except OSError as error:
            raise SourceUnusable(f"{name} cannot be read: {error.strerror}") from error
        if len(data) != size:
            raise SourceUnusable(f"{name} was changed meanwhile: try again")
        return data


def folder_tree(root: Path) -> FolderTree:
    """List this folder. Raises SourceUnusable."""
    entries: dict[str, Entry] = {}
    waiting = [root]
    try:
        while waiting:
            for found in os.scandir(waiting.pop()):
                name = Path(found.path).relative_to(root).as_posix()
                if name == ".git":
                    continue
                if found.is_dir(follow_symlinks=False):
                    waiting.append(Path(found.path))
                    continue
                entries[name] = _entry(found)
                if len(entries) > ENTRIES_MAX:
                    raise SourceUnusable(
                        f"{root} holds more than {ENTRIES_MAX} files: give actions a folder of their own"
                    )
    except OSError as error:
        raise SourceUnusable(f"{error.filename or root} cannot be read: {error.strerror}") from error
    return FolderTree(root, entries)


def _entry(found: os.DirEntry[str]) -> Entry:
    if found.is_symlink():
        return Entry(0, "link")
    if not found.is_file(follow_symlinks=False):
        return Entry(0, "special")
    return Entry(found.stat(follow_symlinks=False).st_size)
