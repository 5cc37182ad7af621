# ruff: noqa: INP001 (a folder of plug-ins for Ansible, not a package)
# mypy: disable-error-code="import-untyped,misc"
"""Ansible's side of the wire: one JSON line per host result, to the file descriptor that the worker opened.

Runs inside ansible-playbook, where nothing of Baton can be imported.
"""

import json
import os

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: baton
type: notification
short_description: Reports host results to Baton
description: Writes one JSON line per host result to the file descriptor named by BATON_EVENTS_FD.
requirements: [enabled in configuration]
"""
MESSAGE_MAX = 2000


class CallbackModule(CallbackBase):
    """Says when a host starts, fails or cannot be reached, and at the end what each host came to."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "baton"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._fd = int(os.environ["BATON_EVENTS_FD"])
        os.set_inheritable(self._fd, False)
        self._started: set[str] = set()
        self._messages: dict[str, str] = {}

    def _report(self, **event) -> None:  # type: ignore[no-untyped-def]
        line = memoryview(json.dumps(event).encode() + b"\n")
        while line:
            line = line[os.write(self._fd, line) :]

    def v2_runner_on_start(self, host, task) -> None:  # type: ignore[no-untyped-def]  # noqa: ARG002
        """A host's first task begins."""
        name = host.get_name()
        if name not in self._started:
            self._started.add(name)
            self._report(host=name, status="running")

    def v2_runner_on_failed(self, result, ignore_errors=False) -> None:  # type: ignore[no-untyped-def]
        """A task failed; whether the host did, the end tells."""
        if not ignore_errors:
            self._remember(result)

    def v2_runner_on_unreachable(self, result) -> None:  # type: ignore[no-untyped-def]
        """A host did not answer."""
        self._remember(result)

    def _remember(self, result) -> None:  # type: ignore[no-untyped-def]
        said = str(result._result.get("msg", ""))[:MESSAGE_MAX]
        self._messages[result._host.get_name()] = said

    def v2_playbook_on_stats(self, stats) -> None:  # type: ignore[no-untyped-def]
        """The end: what each host came to, by Ansible's own counts."""
        for name in stats.processed:
            counts = stats.summarize(name)
            status = self._status(counts)
            message = self._messages.get(name, "") if status in ("failed", "unreachable") else ""
            self._report(host=name, status=status, changed=counts["changed"] > 0, message=message)
        self._report(end=True)

    @staticmethod
    def _status(counts: dict[str, int]) -> str:
        order = (("unreachable", "unreachable"), ("failures", "failed"), ("changed", "changed"), ("ok", "ok"))
        return next((status for key, status in order if counts[key]), "skipped")
