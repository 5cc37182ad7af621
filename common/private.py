"""Protection of the data folder: no other user reads it."""

import os
import stat
from pathlib import Path

OTHERS = 0o077
PASSING = 0o711
DATABASE = "postgres"  # belongs to the database's own user if Baton is started as root


def tighten(home: Path) -> None:
    """Remove all access of group and others in this folder, except in the database's own folder."""
    _close(home)
    for folder, folders, files in os.walk(home):
        if Path(folder) == home and DATABASE in folders:
            folders.remove(DATABASE)
        for name in (*folders, *files):
            _close(Path(folder, name))


def let_database_in(home: Path) -> None:
    """If the database runs as its own user, let others enter the folder, but not list it."""
    if (home / DATABASE).stat().st_uid != os.geteuid():
        home.chmod(PASSING)


def open_to_others(home: Path) -> list[str]:
    """Paths in the first two levels of this folder to which group or others have access."""
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
        return  # deleted meanwhile, or owned by another user: `doctor` reports what is left
