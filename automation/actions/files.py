"""The files of an action as bytes: read once, identified by their hash, written again for every run (A29)."""

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

Files = Mapping[str, bytes]

FILES_MAX = 500
FILE_MAX = 2 * 1024 * 1024
BYTES_MAX = 8 * 1024 * 1024
PATH_MAX = 240
SHORT = 12  # digits of a version that people see; plans of earlier releases store only these


def read_files(folder: Path) -> dict[str, bytes]:
    """Path relative to the folder → bytes, for every file. Raises ValueError and OSError.

    Only plain files and folders are accepted (no symlinks), within the limits for one action.
    """
    found: dict[str, bytes] = {}
    total = 0
    for path in _plain(folder):
        name = path.relative_to(folder).as_posix()
        check_path(name)
        data = _read(path)
        total += len(data)
        if len(found) == FILES_MAX or total > BYTES_MAX:
            raise ValueError(f"an action holds at most {FILES_MAX} files and {BYTES_MAX >> 20} MB")
        found[name] = data
    return found


def _plain(folder: Path) -> Iterator[Path]:
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.is_symlink() or not (entry.is_file() or entry.is_dir()):
            raise ValueError(f"{entry.name} is not a plain file")
        if entry.is_dir():
            yield from _plain(Path(entry.path))
        else:
            yield Path(entry.path)


def _read(path: Path) -> bytes:
    """The bytes of one file. It must be a plain file when it is opened."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError(f"{path.name} is not a plain file")
        data = file.read(FILE_MAX + 1)
    if len(data) > FILE_MAX:
        raise ValueError(f"{path.name} is larger than {FILE_MAX >> 20} MB")
    return data


def check_path(name: str) -> None:
    """Raise ValueError if this is not a relative path inside a folder, is too long, or has unprintable characters."""
    parts = name.split("/")
    if len(name) > PATH_MAX:
        raise ValueError(f"the path {name[:40]!r}… is longer than {PATH_MAX} characters")
    if not name.isprintable() or "\\" in name or any(part in ("", ".", "..") for part in parts):
        raise ValueError(f"{name!r} cannot be the path of a file")
    if parts[0].lower() == ".git":
        raise ValueError(f"{name!r} belongs to git, not to an action")


def content_version(files: Files) -> str:
    """64 hex digits: a hash of the names and bytes of all files. Any change gives another version."""
    total = hashlib.sha256()
    for name in sorted(files, key=lambda name: name.split("/")):
        for part in (name.encode(), files[name]):
            total.update(len(part).to_bytes(8, "big") + part)
    return total.hexdigest()


def is_version(version: str, named: str) -> bool:
    """Whether a plan that stores `named` means this version. Plans of earlier releases store its first 12 digits."""
    return version == named or (len(named) == SHORT and version.startswith(named))


def write_files(files: Files, version: str, folder: Path) -> None:
    """Write the files into a new folder that only this account can read, then check the hash of the copy.

    The copy is what runs. Raises ValueError if it does not match this version, OSError if it cannot be written.
    """
    folder.mkdir(mode=0o700)
    for name, data in files.items():
        check_path(name)
        path = folder / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=False)
        path.write_bytes(data)
    if content_version(read_files(folder)) != version:
        raise ValueError("The action has changed since it was approved.")
