"""Which texts may name a git repository or a commit: none that git could read as an option or another protocol."""

import re

REF = re.compile(r"(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9_./+-]{0,199}")
ADDRESS = re.compile(
    r"(https://|ssh://|file:///|/)[^\x00-\x20]+|[A-Za-z0-9_.-]+@[A-Za-z0-9.-]+:[^\x00-\x20:-][^\x00-\x20]*"
)
