"""The action library: what can be run. Read at start-up; a ticket names an action, never brings one (A29)."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from automation.schema import check_schema
from config import yaml_reader
from templates_engine.ports import ActionInfo
from templates_engine.text import Text

LIBRARY = Path(__file__).resolve().parent / "library"

_TEXT = {
    "type": "object",
    "required": ["zh", "en"],
    "additionalProperties": False,
    "properties": {"zh": {"type": "string", "minLength": 1}, "en": {"type": "string", "minLength": 1}},
}
_ACTION = Draft202012Validator(
    {
        "type": "object",
        "additionalProperties": False,
        "required": [
            *("key", "name", "description", "executor", "read_only", "needs_targets", "risk"),
            *("timeout_s", "valid_days", "command", "labels", "params"),
        ],
        "properties": {
            "key": {"type": "string", "pattern": r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$", "maxLength": 64},
            "name": _TEXT,
            "description": _TEXT,
            "executor": {"enum": ["ansible"]},
            "read_only": {"type": "boolean"},
            "needs_targets": {"type": "boolean"},
            "risk": {"enum": ["low", "high"]},
            "timeout_s": {"type": "integer", "minimum": 1, "maximum": 86400},
            "valid_days": {"type": "integer", "minimum": 1, "maximum": 90},
            "command": _TEXT,
            "labels": {"type": "object", "additionalProperties": _TEXT},
            "params": {"type": "object"},
        },
    }
)


class LibraryError(SystemExit):
    """A broken action stops the start, with one line that names its file."""

    def __init__(self, folder: Path, problem: str) -> None:
        super().__init__(f"Action library: {folder.name}/action.yaml: {problem.splitlines()[0]}")


@dataclass(frozen=True)
class Action:
    """One thing that can be run. version: content hash over every file of its folder.

    command: one-line preview with {param} placeholders. labels: parameter → what people call it.
    """

    key: str
    version: str
    name: Text
    description: Text
    executor: str
    params: dict[str, Any]
    is_read_only: bool
    needs_targets: bool
    risk: str
    timeout_s: int
    valid_days: int
    command: dict[str, str]
    labels: dict[str, Text]
    folder: Path

    def info(self) -> ActionInfo:
        """What template authors and checks need of it."""
        rights = {"is_read_only": self.is_read_only, "needs_targets": self.needs_targets, "has_rollback": False}
        return ActionInfo(self.key, self.name, self.params, **rights, risk=self.risk)


def content_version(folder: Path) -> str:
    """12 hex digits over names and bytes of every file below this folder; any change is another version.

    Raises ValueError where something is neither a plain file nor a folder (A29: no symlinks).
    """
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise ValueError(f"{path.name} is not a plain file")
        if path.is_file():
            for part in (path.relative_to(folder).as_posix().encode(), path.read_bytes()):
                total.update(len(part).to_bytes(8, "big") + part)
    return total.hexdigest()[:12]


def load_action(folder: Path) -> Action:
    """The action of one folder. Raises LibraryError."""
    try:
        raw, repeated = yaml_reader.read_file(folder / "action.yaml")
        _check_once(repeated)
        _check(raw, folder)
        version = content_version(folder)
    except (ValueError, OSError) as error:
        raise LibraryError(folder, str(error)) from error
    except yaml_reader.Unreadable as error:
        raise LibraryError(folder, f"{error.where}: {error.message}") from error
    renamed = {"is_read_only": raw.pop("read_only")}
    return Action(**raw, **renamed, version=version, folder=folder)


def _check_once(repeated: list[yaml_reader.Repeated]) -> None:
    for twice in repeated:
        raise ValueError(f"line {twice.line}: {twice.path} stands a second time")


def _check(raw: Any, folder: Path) -> None:
    for error in _ACTION.iter_errors(raw):
        raise ValueError(f"{'.'.join(map(str, error.absolute_path)) or 'document'}: {error.message}")
    check_schema(raw["params"])
    if raw["key"] != folder.name:
        raise ValueError(f"key: must be {folder.name!r}, the name of its folder")
    if set(raw["labels"]) != set(raw["params"].get("properties", {})):
        raise ValueError("labels: must name every parameter, and nothing else")
    if not (folder / "playbook.yml").is_file():
        raise ValueError("playbook.yml is missing beside it")


class Library:
    """All actions by key; also the catalogue that template checks ask (templates_engine.ports)."""

    def __init__(self, root: Path) -> None:
        folders = sorted(path for path in root.iterdir() if path.is_dir())
        self._actions = {folder.name: load_action(folder) for folder in folders}

    def action(self, key: str) -> Action | None:
        """This action, or None."""
        return self._actions.get(key)

    def all(self) -> list[Action]:
        """Every action, by key."""
        return list(self._actions.values())

    def get(self, key: str) -> ActionInfo | None:
        """For templates: this action, or None."""
        action = self._actions.get(key)
        return action.info() if action else None

    def keys(self) -> list[str]:
        """For templates: all keys, sorted."""
        return list(self._actions)


@cache
def library() -> Library:
    """The library that ships with Baton. Raises LibraryError."""
    return Library(LIBRARY)
