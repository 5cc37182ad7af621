"""A file as an answer: the server sends it by itself, so that a slow reader holds neither a thread nor its bytes."""

import os
from collections.abc import Iterator
from typing import IO

BLOCK = 64 * 1024


class FileWrapper:
    """What the application answers with when it answers with a file (`wsgi.file_wrapper`)."""

    def __init__(self, file: IO[bytes], _block: int = BLOCK) -> None:
        self.file = file

    def __iter__(self) -> Iterator[bytes]:
        while data := self.file.read(BLOCK):
            yield data

    def close(self) -> None:
        """Close the file."""
        self.file.close()

    def descriptor(self, least: int) -> int | None:
        """A descriptor of our own, if this is a real file of so many bytes that is to be sent from its first one."""
        try:
            number = self.file.fileno()
            whole = self.file.tell() == 0 and os.fstat(number).st_size >= least
        except (OSError, AttributeError, ValueError):
            return None
        return os.dup(number) if whole else None
