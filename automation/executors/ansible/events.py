"""Read the reports of the callback inside Ansible: lines of JSON, turned into News."""

import json
from collections.abc import Mapping
from typing import Any

from automation.executors.base import Diff, HostResult, News

LINE_MAX = 1_000_000


class Reader:
    """Reads the stream of one run, piece by piece. roots: host → the folder of a demonstration host, "" for others.

    has_verdict: whether the final result of every host is in.
    """

    def __init__(self, roots: Mapping[str, str]) -> None:
        self.has_verdict = False
        self._roots, self._rest = roots, b""

    def read(self, text: bytes, data: bytes) -> News:
        """The news in this piece, together with this text of the log."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._rest = self._rest[-LINE_MAX:]
        hosts: dict[str, HostResult] = {}
        diffs: list[Diff] = []
        unforeseen: list[tuple[str, str]] = []
        outputs: dict[str, dict[str, Any]] = {}
        for event in map(json.loads, lines):
            kind, name = event.pop("kind"), event.pop("host", "")
            if kind == "result":
                hosts[name] = HostResult(**event)
            elif kind == "diff":
                diffs.append(Diff(name, self._inside(name, event["path"]), self._inside(name, event["text"])))
            elif kind == "unforeseen":
                unforeseen.append((name, event["task"]))
            elif kind == "outputs":
                outputs[name] = event["values"]
            elif kind == "end":
                self.has_verdict = True
        return News(text, hosts, tuple(diffs), tuple(unforeseen), outputs)

    def _inside(self, host: str, text: str) -> str:
        """The text with paths as seen inside a demonstration host."""
        root = self._roots.get(host)
        return text.replace(f"{root}/", "/") if root else text
