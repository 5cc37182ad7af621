"""Queries of actions and their versions, as people see them."""

import base64
import difflib
from typing import Any

from accounts.models import User
from automation.actions.document import stored_action
from automation.actions.files import Files
from automation.actions.library import library
from automation.actions.releasing import require_releaser
from automation.actions.shelf import is_believed, last_acts
from automation.models import ActionVersion
from automation.values import visible

SHOWN_MAX = 200_000
DIFF_MAX = 400_000


def versions_of(key: str) -> list[ActionVersion]:
    """All versions of one action, newest first, without their files."""
    rows = ActionVersion.objects.defer("files").select_related("released_by", "withdrawn_by")
    return list(rows.filter(key=key).order_by("-found_at", "-pk"))


def all_keys(actor: User) -> list[str]:
    """The keys of all actions with a stored version, for users who release. Raises NotReleaser."""
    require_releaser(actor)
    return sorted({*ActionVersion.objects.values_list("key", flat=True), *library().keys()})


def about(row: ActionVersion, acts: dict[tuple[str, str], int]) -> dict[str, Any]:
    """One version, without its files. is_sound: whether its row is unchanged since Baton stored it."""
    shown = ("version", "state", "is_recalled", "source", "commit", "note", "found_at", "released_at", "withdrawn_at")
    return {name: getattr(row, name) for name in shown} | {
        "released_by": row.released_by.username if row.released_by else None,
        "withdrawn_by": row.withdrawn_by.username if row.withdrawn_by else None,
        "is_sound": is_believed(row, acts),
    }


def with_acts(rows: list[ActionVersion]) -> list[dict[str, Any]]:
    """Several versions, each in the shape of `about`."""
    acts = last_acts()
    return [about(row, acts) for row in rows]


def files_of(row: ActionVersion) -> dict[str, bytes]:
    """The files of a version: path → bytes."""
    return {name: base64.b64decode(data) for name, data in row.files.items()}


def as_action(row: ActionVersion) -> Any:
    """The action of a stored version; None if this release cannot read it."""
    try:
        return stored_action(row.key, files_of(row))
    except ValueError:
        return None


def shown_files(files: Files) -> list[dict[str, Any]]:
    """Each file as text with unusual characters made visible (A27); null if it is not text or too large to show."""
    return [{"path": name, "size": len(data), "text": _text(data)} for name, data in sorted(files.items())]


def _text(data: bytes) -> str | None:
    if len(data) > SHOWN_MAX or b"\x00" in data:
        return None
    try:
        return visible(data.decode("utf-8"))
    except UnicodeDecodeError:
        return None


def difference(old: Files, new: Files) -> str:
    """The unified diff of two versions; for files that are not text, only a note that they differ."""
    parts: list[str] = []
    for name in sorted({*old, *new}):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        texts = [_text(data) if data is not None else "" for data in (before, after)]
        heads = ("/dev/null" if before is None else f"a/{name}", "/dev/null" if after is None else f"b/{name}")
        if texts[0] is None or texts[1] is None:
            parts.append(f"--- {heads[0]}\n+++ {heads[1]}\nBinary files differ\n")
            continue
        lines = difflib.unified_diff(texts[0].splitlines(), texts[1].splitlines(), *heads, lineterm="")
        told = "\n".join(lines)
        parts.append((told or f"--- {heads[0]}\n+++ {heads[1]}") + "\n")  # an empty file has no lines to show
    whole = "".join(parts)
    return whole if len(whole) <= DIFF_MAX else whole[:DIFF_MAX] + "\n…\n"
