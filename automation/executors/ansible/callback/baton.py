# ruff: noqa: INP001 (a folder of plug-ins for Ansible, not a package)
# mypy: disable-error-code="import-untyped,import-not-found,misc"
"""Reports events to Baton: one JSON line per event, to the file descriptor that the worker opened.

Runs inside ansible-playbook, where nothing of Baton can be imported. automation/executors/ansible/events.py reads it.
"""

import json
import os
import sys
from pathlib import Path

from ansible.plugins.callback import CallbackBase

sys.path.append(str(Path(__file__).resolve().parent.parent / "inside"))
import baton_private
from baton_diffs import COMMANDS, DIFF_MAX, diffs, plain_name, sentence
from baton_masks import MASKS
from baton_reasons import reason
from baton_text import CUT, NOT_TEXT, bounded, one_line

DOCUMENTATION = """
name: baton
type: notification
short_description: Reports host results to Baton
description: Writes one JSON line per host result, diff or output to the file descriptor named by BATON_EVENTS_FD.
requirements: [enabled in configuration]
"""
MESSAGE_MAX = 2_000
DIFFS_MAX, ENTRIES_MAX = 4_000_000, 20_000  # of one run: characters, and places
UNFORESEEN_MAX = 5_000
OUTPUTS_MAX = 64_000
MORE = "(more changed: what else did is not shown)\n"


class CallbackModule(CallbackBase):
    """Reports when a host starts, fails or cannot be reached, what changes, and at the end each host's result."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "baton"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._fd = int(os.environ["BATON_EVENTS_FD"])
        os.set_inheritable(self._fd, False)
        self._started: set[str] = set()
        self._away: set[str] = set()
        self._guessed: set[str] = set()
        self._messages: dict[str, str] = {}
        self._room, self._entries, self._unforeseen = DIFFS_MAX, ENTRIES_MAX, UNFORESEEN_MAX
        baton_private.watch()

    def _report(self, kind, **event) -> None:  # type: ignore[no-untyped-def]
        line = memoryview(json.dumps({"kind": kind, **event}).encode() + b"\n")
        while line:
            line = line[os.write(self._fd, line) :]

    def v2_playbook_on_start(self, playbook) -> None:  # type: ignore[no-untyped-def]
        """Load the secrets that must be masked."""
        MASKS.learn(playbook._loader)

    def v2_runner_on_start(self, host, task) -> None:  # type: ignore[no-untyped-def]  # noqa: ARG002
        """A host's first task begins."""
        name = host.get_name()
        if name not in self._started:
            self._started.add(name)
            self._report("result", host=name, status="running")

    def v2_runner_on_ok(self, result) -> None:  # type: ignore[no-untyped-def]
        """A task succeeded."""
        if "invocation" in result._result:  # a module ran there: an unreachable host is back
            self._away.discard(result._host.get_name())
        if "results" not in result._result:
            self._changed(result)

    def v2_runner_item_on_ok(self, result) -> None:  # type: ignore[no-untyped-def]
        """One item of a loop succeeded."""
        self._changed(result)

    def _changed(self, result) -> None:  # type: ignore[no-untyped-def]
        """Report a change without a diff; a command in a dry run is reported as not predictable."""
        said, fields = result._result, result._task_fields
        if not said.get("changed"):
            return
        if fields.get("check_mode") and plain_name(result._task.action) in COMMANDS:
            self._not_foreseen(result)
        elif not said.get("diff"):
            self._diff(result, *sentence(fields.get("args") or {}, result._task.action, self._task(result)))

    def v2_on_file_diff(self, result) -> None:  # type: ignore[no-untyped-def]
        """A task changed something and has a diff."""
        args = result._task_fields.get("args") or {}
        if result._result.get("changed"):
            for path, text in diffs(result._result, args, self._task(result), self._get_diff):
                self._diff(result, path, text)

    def _diff(self, result, path, text) -> None:  # type: ignore[no-untyped-def]
        if self._entries < 0 or self._room < 0:
            return
        host = result._host.get_name()
        if self._entries == 0 or self._room == 0:
            self._entries = self._room = -1
            self._report("diff", host=host, path=self._task(result), text=MORE)
            return
        text = NOT_TEXT.sub("\ufffd", MASKS.apply(text))
        text = text if len(text) <= DIFF_MAX else text[:DIFF_MAX] + CUT + "\n"
        self._room, self._entries = max(0, self._room - len(text)), self._entries - 1
        self._report("diff", host=host, path=MASKS.apply(path), text=text)

    def v2_runner_on_skipped(self, result) -> None:  # type: ignore[no-untyped-def]
        """A task was skipped on this host, or could not be checked."""
        if "results" not in result._result:
            self._skipped(result)

    def v2_runner_item_on_skipped(self, result) -> None:  # type: ignore[no-untyped-def]
        """One item of a loop was skipped."""
        self._skipped(result)

    def _skipped(self, result) -> None:  # type: ignore[no-untyped-def]
        """A task that its own condition skips was predicted; one that check mode skips was not."""
        by_condition = {"skip_reason", "false_condition", "skipped_reason"} & set(result._result)
        if result._task_fields.get("check_mode") and not by_condition:
            self._not_foreseen(result)

    def _not_foreseen(self, result) -> None:  # type: ignore[no-untyped-def]
        self._guessed.add(result._host.get_name())
        if self._unforeseen > 0:
            self._unforeseen -= 1
            self._report("unforeseen", host=result._host.get_name(), task=self._task(result))

    def v2_runner_on_failed(self, result, ignore_errors=False) -> None:  # type: ignore[no-untyped-def]
        """A task failed; the end says whether the host failed. One that may fail in a dry run is not predicted."""
        if not ignore_errors:
            self._remember(result)
        elif result._task_fields.get("check_mode"):
            self._not_foreseen(result)

    def v2_runner_on_unreachable(self, result) -> None:  # type: ignore[no-untyped-def]
        """A host did not answer; if the play goes on anyway, this stays until the host answers again."""
        self._away.add(result._host.get_name())
        self._remember(result)

    def _remember(self, result) -> None:  # type: ignore[no-untyped-def]
        said = NOT_TEXT.sub("\ufffd", MASKS.apply(reason(result._result)))
        self._messages[result._host.get_name()] = said[:MESSAGE_MAX]

    @staticmethod
    def _task(result) -> str:  # type: ignore[no-untyped-def]
        return one_line(MASKS.apply(result._task_fields.get("name") or result._task.get_name()))

    def v2_playbook_on_stats(self, stats) -> None:  # type: ignore[no-untyped-def]
        """The end: each host's result, from Ansible's counts and from who answered; and the outputs."""
        for name in stats.processed:
            counts = stats.summarize(name)
            status = self._status(name, counts)
            message = self._messages.get(name, "") if status in ("failed", "unreachable") else ""
            self._report("result", host=name, status=status, changed=counts["changed"] > 0, message=message)
            self._hand_on(name, {**stats.custom.get("_run", {}), **stats.custom.get(name, {})})
        self._report("end")

    def _status(self, name: str, counts: dict[str, int]) -> str:
        if name in self._away and not counts["failures"]:
            return "unreachable"
        order = (("unreachable", "unreachable"), ("failures", "failed"), ("changed", "changed"), ("ok", "ok"))
        nothing = "ok" if name in self._guessed else "skipped"  # a dry run that predicted nothing has not failed
        return next((status for key, status in order if counts[key]), nothing)

    def _hand_on(self, name, values) -> None:  # type: ignore[no-untyped-def]
        """Report the values of set_stats; too large values are dropped, and the next stage reports what is missing."""
        if values:
            values = MASKS.within(bounded(json.loads(json.dumps(values, default=str)), [OUTPUTS_MAX]))
            if len(json.dumps(values)) <= OUTPUTS_MAX:
                self._report("outputs", host=name, values=values)
