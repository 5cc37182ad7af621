"""Where files of inventory sources may be: below BATON_INVENTORY_DIR, and nowhere else (A29)."""

from pathlib import Path, PurePosixPath

from django.conf import settings
from django.utils.translation import gettext as _

from automation.inventory.problems import unreadable


def is_source_path(path: str) -> bool:
    """Whether this is the path of a file below a folder: relative, without `..`, NUL or hidden parts."""
    parts = PurePosixPath(path).parts
    plain = path.isprintable() and not path.startswith("/") and "\\" not in path
    return bool(parts) and plain and not any(part.startswith(".") for part in parts)


def found(path: str) -> Path:
    """The file itself, links followed. Raises Unreadable if it does not exist, or is outside the folder."""
    if not settings.INVENTORY_DIR:
        raise unreadable("", _("BATON_INVENTORY_DIR is not set: there is no folder for inventory files."))
    root = Path(settings.INVENTORY_DIR)
    try:
        file = (root / path).resolve(strict=True)
        if is_source_path(path) and file.is_relative_to(root.resolve(strict=True)) and file.is_file():
            return file
    except (OSError, RuntimeError, ValueError):
        pass
    raise unreadable("", _("There is no file %(path)s in the folder BATON_INVENTORY_DIR.") % {"path": path[:200]})
