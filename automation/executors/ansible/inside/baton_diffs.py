# ruff: noqa: INP001 (modules for Ansible's own process, not a package)
# mypy: disable-error-code="import-untyped,import-not-found"
"""What a task changed, or would change, on one host: pairs of a place and a text.

Runs inside ansible-playbook, where nothing of Baton can be imported.
"""

from baton_private import as_list, holds_text, is_private
from baton_text import one_line

COMPARED_MAX = 300_000  # characters: longer pairs of texts take too long to compare
DIFF_MAX = 20_000
PATH_MAX = 500
PRIVATE = "(not shown: this file keeps others out)\n"
LONG = "(not shown: {before} and {after} characters are too many to compare)\n"
STATES = {"restarted", "reloaded", "started", "stopped", "present", "absent", "latest", "installed", "removed"}
COMMANDS = {"command", "shell", "raw", "script", "expect"}
KINDS = {
    **dict.fromkeys(("service", "systemd", "systemd_service", "sysvinit"), "service"),
    **dict.fromkeys(("package", "apt", "dnf", "dnf5", "yum", "pip"), "package"),
    "user": "user",
    "group": "group",
}


def diffs(result, args, task: str, render):  # type: ignore[no-untyped-def]
    """The diffs of a task that reports them. render: Ansible's own function that turns one entry into text."""
    for entry in as_list(result.get("diff")):
        if not isinstance(entry, dict) or not entry:
            continue
        path = _path(entry, args) or task
        if path.startswith("/") and _is_folder(entry, result, args):
            path = path[: PATH_MAX - 1].rstrip("/") + "/"
        if holds_text(entry) and is_private(entry, result, args):
            text = PRIVATE
        elif _size(entry.get("before")) + _size(entry.get("after")) > COMPARED_MAX:
            text = LONG.format(before=_size(entry.get("before")), after=_size(entry.get("after")))
        else:
            text = render([dict(entry)])
        if text.strip():
            yield path[:PATH_MAX], text


def sentence(args, module: str, task: str):  # type: ignore[no-untyped-def]
    """For a task that changed something without a diff: the object it changed and the requested state."""
    kind = KINDS.get(plain_name(module))
    name, state = args.get("name"), args.get("state")
    names = ", ".join(map(str, name)) if isinstance(name, list) else name
    path = f"{kind} {one_line(str(names))}" if kind and names else task
    return path, f"{state if state in STATES else 'changed'}\n"


def plain_name(module: str) -> str:
    """`ansible.builtin.copy` is `copy`."""
    return module.rpartition(".")[2]


def _path(entry, args):  # type: ignore[no-untyped-def]
    """The file of an entry, if a field names it."""
    sides = [side.get("path") for side in (entry.get("after"), entry.get("before")) if isinstance(side, dict)]
    header = str(entry.get("before_header") or "").removesuffix(" (content)").removesuffix(" (file attributes)")
    for value in (*sides, header, args.get("dest"), args.get("path")):
        if isinstance(value, str) and value:
            return one_line(value, PATH_MAX)
    return ""


def _is_folder(entry, result, args) -> bool:  # type: ignore[no-untyped-def]
    """Whether the place is, becomes or was a folder; its path then ends with a slash."""
    sides = [side.get("state") for side in (entry.get("before"), entry.get("after")) if isinstance(side, dict)]
    return "directory" in (*sides, result.get("state"), args.get("state"))


def _size(side) -> int:  # type: ignore[no-untyped-def]
    return len(side) if isinstance(side, str) else 0
