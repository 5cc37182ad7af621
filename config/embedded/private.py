"""A data folder that nobody else reads, and that one `make run` at a time uses."""

import fcntl
import os
import stat
import sys
from pathlib import Path
from typing import IO

OTHERS = 0o077
PASSING = 0o711
LOCK = "run.lock"
DATABASE = "postgres"  # belongs to the database's own user where Baton is started as root


def lock(home: Path) -> IO[str]:
    """Keep this folder for this process as long as the answer is open; end with clear words where it is in use."""
    file = (home / LOCK).open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.seek(0)
        sys.exit(
            f"✕ BATON_HOME={home} is in use: `make run` runs there already, as process {file.read().strip() or '?'}.\n"
            "  → Stop that one first, or take another folder and port: BATON_HOME=/some/folder PORT=8100 make run"
        )
    file.truncate(0)
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file


def tighten(home: Path) -> None:
    """Take everything in this folder from group and others, except the database's own folder."""
    _close(home)
    for folder, folders, files in os.walk(home):
        if Path(folder) == home and DATABASE in folders:
            folders.remove(DATABASE)
        for name in (*folders, *files):
            _close(Path(folder, name))


def let_database_in(home: Path) -> None:
    """Where the database runs as a user of its own, others may pass through the folder, and see nothing in it."""
    if (home / DATABASE).stat().st_uid != os.geteuid():
        home.chmod(PASSING)


def open_to_others(home: Path) -> list[str]:
    """What in this folder others may read or write, by the permissions of its first two levels."""
    found = [home, *home.glob("*"), *home.glob("*/*")]
    inside = [path for path in found if DATABASE not in path.relative_to(home).parts]
    return [str(path) for path in inside if _mode(path) & (OTHERS & ~PASSING if path == home else OTHERS)]


def _mode(path: Path) -> int:
    found = path.lstat().st_mode
    return 0 if stat.S_ISLNK(found) else stat.S_IMODE(found)


def _close(path: Path) -> None:
    try:
        if _mode(path) & OTHERS:
            path.chmod(_mode(path) & ~OTHERS)
    except OSError:
        return  # gone meanwhile, or somebody else's: `doctor` names what is left
