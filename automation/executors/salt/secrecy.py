"""Which file contents are hidden in logs and diffs: files that not every user may read (I24)."""

from collections.abc import Mapping
from typing import Any

HIDDEN = "Changed; not shown, because not everybody may read this file.\n"
READ_BY_ALL = 0o004


def hides(what: str, arguments: Mapping[str, Any]) -> bool:
    """Whether the changes of this state may show the content of a file that not everybody may read.

    A file state shows its changes if its mode lets everybody read, or if the action sets `show_changes: true`.
    Without a mode the changes are hidden: perhaps only root may read the file.
    """
    if not what.startswith("file.") or what.removeprefix("file.") in HARMLESS:
        return False
    if "show_changes" in arguments:
        return arguments["show_changes"] is not True
    return not is_public(arguments.get("mode"))


HARMLESS = frozenset({"directory", "absent", "symlink", "touch", "missing", "exists", "rename"})


def is_public(mode: Any) -> bool:
    """Whether every user can read a file of this mode (in Salt's notation)."""
    try:
        return bool(int(str(mode), 8) & READ_BY_ALL)
    except ValueError:
        return False
