"""The lock of the data folder: only one `make run` at a time uses it."""

import fcntl
import os
import sys
from pathlib import Path
from typing import IO

LOCK = "run.lock"


def lock(home: Path) -> IO[str]:
    """Lock this folder as long as the returned file is open; exit with a clear message if it is in use."""
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
