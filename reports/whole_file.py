"""Writes a complete file or none (F41)."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A file that replaces `path` when it is completely on disk; until then the old file stays.

    Raises OSError before the body runs if nothing can be written.
    """
    target = path.resolve()
    if target.exists() and not target.is_file():
        raise IsADirectoryError(f"{path} is not a file")
    draft = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        with draft.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
