"""The exact input of a run, shown to approvers who want to see all of it (A27).

Every part is text; unusual characters are made visible. Nothing is evaluated: values are shown beside the files that
use them, not filled in.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any, TypedDict

from automation.actions.document import Action
from automation.actions.executors import kind_of
from automation.values import visible
from tickets.models.content import Target

PART_MAX = 20_000
PARTS_MAX = 40


class Part(TypedDict):
    """kind: argv, playbook, state, file, request, or values."""

    kind: str
    title: str
    text: str


def machine_view(action: Action, params: dict[str, Any], targets: Sequence[Target]) -> list[Part]:
    """The parts of one run: the command, the parameters and hosts, and the action's files."""
    executor = kind_of(action.executor)
    start = (_part(kind, title, _json(value)) for kind, title, value in executor.beginnings(action.run))
    parts = [*start, *_values(params, targets), *_files(action, executor.main_file(action.run))]
    left = len(parts) - PARTS_MAX
    return parts if left <= 0 else [*parts[:PARTS_MAX], _part("file", "…", f"{left} more files")]


def _values(params: dict[str, Any], targets: Sequence[Target]) -> Iterator[Part]:
    yield _part("values", "params", _json(params))
    yield _part("values", "hosts", _json([dict(target) for target in targets]))


def _files(action: Action, main: tuple[str, str] | None) -> Iterator[Part]:
    """The action's files; the one that is run comes first. main: its kind and path."""
    kind, first = main or ("file", "")
    for name in sorted(action.files, key=lambda name: (name != first, name)):
        if name == "action.yaml":
            continue
        yield _part(kind if name == first else "file", name, _text(action.files[name]))


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return f"({len(data)} bytes, no text)"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _part(kind: str, title: str, text: str) -> Part:
    shown = visible(text if len(text) <= PART_MAX else f"{text[:PART_MAX]}\n… ({len(text)} characters)")
    return Part(kind=kind, title=visible(title), text=shown)
