# ruff: noqa: INP001 (modules for Ansible's own process, not a package)
# mypy: disable-error-code="import-untyped,import-not-found"
"""Which files are private: their content is not shown in a diff (I24).

Modules rarely report the mode of a file that they would change, least of all in a dry run. So the functions with
which Ansible makes a diff are wrapped: the mode they see is noted in the diff; if they see none, the host is asked.
Runs inside ansible-playbook, where nothing of Baton can be imported.
"""

import functools
import re

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase

NOTE = "baton_mode"
OTHERS_READ = 0o004
_SYMBOLIC = re.compile(r"(?:^|,)(?:[ug]*[oa]+[ugoa]*|)[+=][wxXst]*r")  # gives read access to others, or to all


def watch() -> None:
    """From now on every diff holds the mode of its file. Call once, before the first task."""
    if not hasattr(ActionBase._get_diff_data, "__wrapped__"):
        ActionBase._get_diff_data = _with_mode_of_target(ActionBase._get_diff_data)
        ActionBase._execute_module = _with_mode_of_path(ActionBase._execute_module)


def _with_mode_of_target(plain):  # type: ignore[no-untyped-def]
    """For copy and template: Ansible reads the file's mode anyway."""

    @functools.wraps(plain)
    def made(self, *given, **named):  # type: ignore[no-untyped-def]
        seen: dict[str, object] = {}
        execute = self._execute_module

        def looked(*parts, **more):  # type: ignore[no-untyped-def]
            result = execute(*parts, **more)
            seen.setdefault("mode", result.get("mode"))
            return result

        self._execute_module = looked
        try:
            diff = plain(self, *given, **named)
        finally:
            del self._execute_module
        return {**diff, NOTE: seen.get("mode")}

    return made


def _with_mode_of_path(plain):  # type: ignore[no-untyped-def]
    """For modules that make their own diff (lineinfile and others): ask the host once more, only after a change."""

    @functools.wraps(plain)
    def executed(self, *given, **named):  # type: ignore[no-untyped-def]
        result = plain(self, *given, **named)
        entries = [entry for entry in as_list(result.get("diff")) if isinstance(entry, dict) and holds_text(entry)]
        args = named.get("module_args") or self._task.args
        path = args.get("path") or args.get("dest") or args.get("name")
        if entries and "mode" not in result and isinstance(path, str) and path.startswith("/"):
            facts = named.get("task_vars") or {}
            try:
                mode = self._execute_remote_stat(path, all_vars=facts, follow=True, checksum=False).get("mode")
            except AnsibleError:  # if the mode cannot be read, nothing is shown
                mode = "0000"
            for entry in entries:
                entry[NOTE] = mode
        return result

    return executed


def as_list(value):  # type: ignore[no-untyped-def]
    """A diff as a list of entries."""
    return value if isinstance(value, list) else [value] if value else []


def holds_text(entry) -> bool:  # type: ignore[no-untyped-def]
    """Whether an entry shows the content of a file, not only its attributes."""
    sides = [entry.get("before"), entry.get("after")]
    return any(isinstance(side, str) and side for side in sides) or "prepared" in entry


def is_private(entry, result, args) -> bool:  # type: ignore[no-untyped-def]
    """Whether others may not read the file: as it is, or as the task will leave it."""
    modes = (entry.get(NOTE), result.get("mode"), args.get("mode"))
    return any(keeps_others_out(mode) for mode in modes if mode not in (None, "", "preserve"))


def keeps_others_out(mode) -> bool:  # type: ignore[no-untyped-def]
    """Whether a mode, in Ansible's notation, excludes others: a number, octal digits, or words such as `u=rw,go=`."""
    if isinstance(mode, int):
        return not mode & OTHERS_READ
    try:
        return not int(str(mode), 8) & OTHERS_READ
    except ValueError:
        return _SYMBOLIC.search(str(mode)) is None
