"""A file as a response: the server sends it itself, so that a slow client holds no thread and no memory."""

import os
from collections.abc import Iterator
from typing import IO

BLOCK = 64 * 1024


class FileWrapper:
    """The wrapper for a file response (`wsgi.file_wrapper`)."""

    def __init__(self, file: IO[bytes], _block: int = BLOCK) -> None:
        self.file = file

    def __iter__(self) -> Iterator[bytes]:
        while data := self.file.read(BLOCK):
            yield data

    def close(self) -> None:
        """Close the file."""
        self.file.close()

    def descriptor(self, least: int) -> int | None:
        """A duplicated descriptor if this is a real file of at least this many bytes, at its start; else None."""
        try:
            number = self.file.fileno()
            whole = self.file.tell() == 0 and os.fstat(number).st_size >= least
        except (OSError, AttributeError, ValueError):
            return None
        return os.dup(number) if whole else None
