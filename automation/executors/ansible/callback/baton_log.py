# ruff: noqa: INP001 (a folder of plug-ins for Ansible, not a package)
# mypy: disable-error-code="import-untyped,import-not-found,misc"
"""The log of a run: Ansible's own log, with every result limited before it becomes text (A35).

Every line about a host begins with `HOST | TASK | `, so the log can be folded and filtered by both, and no host can
write a line under another host's name. Runs inside ansible-playbook, where nothing of Baton can be imported.
"""

import sys
from contextlib import contextmanager
from pathlib import Path

from ansible.plugins.callback.default import CallbackModule as Default

sys.path.append(str(Path(__file__).resolve().parent.parent / "inside"))
from baton_masks import MASKS
from baton_text import bounded, one_line

DOCUMENTATION = """
name: baton_log
type: stdout
short_description: The default log with bounded results, every line named
description: As the default callback; texts and lists of a result are cut where they are long.
extends_documentation_fragment: [default_callback, result_format_callback]
requirements: [set as stdout in configuration]
"""
RESULT_MAX = 200_000
LINE_MAX = 4_000


class Lines:
    """Ansible's display, with a name before every line and secrets masked."""

    def __init__(self, display) -> None:  # type: ignore[no-untyped-def]
        self._display, self._head = display, ""

    def __getattr__(self, name):  # type: ignore[no-untyped-def]
        return getattr(self._display, name)

    @contextmanager
    def about(self, result):  # type: ignore[no-untyped-def]
        """All text displayed inside this block is about one task on one host."""
        task = result._task_fields.get("name") or result._task.get_name()
        self._head = f"{result._host.get_name()} | {one_line(MASKS.apply(task))} | "
        try:
            yield
        finally:
            self._head = ""

    def display(self, msg, *given, **named) -> None:  # type: ignore[no-untyped-def]
        """Show a text, line by line."""
        text = MASKS.apply(str(msg))
        if self._head:
            pieces = [
                line[at : at + LINE_MAX] for line in text.split("\n") for at in range(0, len(line) or 1, LINE_MAX)
            ]
            text = "\n".join(self._head + piece for piece in pieces)
        self._display.display(text, *given, **named)

    def banner(self, msg, *given, **named) -> None:  # type: ignore[no-untyped-def]
        """A heading has no host."""
        self._display.banner(one_line(MASKS.apply(str(msg)), 300), *given, **named)


class CallbackModule(Default):
    """Cuts long results; a whole job's log holds at most two million characters."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "baton_log"

    def __init__(self) -> None:
        super().__init__()
        self._display = Lines(self._display)  # type: ignore[has-type]

    def _dump_results(self, result, *given, **named):  # type: ignore[no-untyped-def]
        return super()._dump_results(bounded(result, [RESULT_MAX]), *given, **named)

    def v2_playbook_on_start(self, playbook) -> None:  # type: ignore[no-untyped-def]
        """Load the secrets that must be masked."""
        MASKS.learn(playbook._loader)

    def v2_on_file_diff(self, result) -> None:  # type: ignore[no-untyped-def]
        """Do nothing: changes are reported separately, outside the log."""


def _named(method):  # type: ignore[no-untyped-def]
    """The method, with host and task named on every line it displays."""

    def shown(self, result, *given, **named):  # type: ignore[no-untyped-def]
        with self._display.about(result):
            method(self, result, *given, **named)

    return shown


for _name in ("on_failed", "on_ok", "on_skipped", "on_unreachable", "retry"):
    setattr(CallbackModule, f"v2_runner_{_name}", _named(getattr(Default, f"v2_runner_{_name}")))
for _name in ("on_ok", "on_failed", "on_skipped"):
    setattr(CallbackModule, f"v2_runner_item_{_name}", _named(getattr(Default, f"v2_runner_item_{_name}")))
