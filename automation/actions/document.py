"""One action, read from its files: what can be run, with which parameters, and how (A29)."""

from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from automation.actions import parameters
from automation.actions.action_check import DOCUMENT, read
from automation.actions.as_fields import as_fields
from automation.actions.files import Files, content_version, read_files, write_files
from automation.actions.shape import USUAL, usual_dry_run
from common import yaml_reader
from templates_engine.ports import ActionInfo
from templates_engine.text import Text, both


class LibraryError(SystemExit):
    """A broken action. It stops Baton's start with one line that names the file, the line and the key."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"Action library: {problem.splitlines()[0]}")


@dataclass(frozen=True)
class Action:
    """One thing that can be run. version: hash of all its files; a run gets exactly these files (actions.files).

    params: JSON Schema of its parameters (actions.schema). fields: the same parameters as form fields. labels:
    parameter → label for people. command: one-line preview with {param} placeholders.
    dry_run: required, offered or none. recheck: by how many changes a second dry run, right before the run, may
    differ from the first; None for no second one. diff: who may read the file changes that a dry run found:
    approvers (and operators), or everyone who sees the ticket. rollback: none, or {action, params}, the action that
    undoes this one; health_check: {action, params}, the action that checks the hosts after each batch; for both see
    actions.steps. batch: how many hosts at once if the template does not say. concurrency: how many jobs of this
    action may run at once, None for no limit. outputs: name → JSON Schema of a value that a run may pass to the next
    stage. credentials: names of the credentials that the executor gets. usable_by: rules as in a template's
    visible_to, empty for everyone. run: settings that only the executor reads.
    """

    key: str
    version: str
    name: Text
    description: Text
    executor: str
    params: dict[str, Any]
    fields: tuple[dict[str, Any], ...]
    is_read_only: bool
    needs_targets: bool
    risk: str
    timeout_s: int
    valid_days: int
    command: dict[str, str]
    labels: dict[str, Text]
    files: Files = field(repr=False)
    dry_run: str = "none"
    recheck: int | None = None
    diff: str = "approvers"
    rollback: str | dict[str, Any] = "none"
    health_check: dict[str, Any] | None = None
    batch: Any = None
    concurrency: int | None = None
    outputs: dict[str, Any] = field(default_factory=dict)
    credentials: tuple[str, ...] = ()
    usable_by: tuple[Any, ...] = ()
    run: dict[str, Any] = field(default_factory=dict)

    def info(self) -> ActionInfo:
        """The facts about this action that template authors and template checks use."""
        return ActionInfo(
            self.key,
            self.name,
            self.params,
            is_read_only=self.is_read_only,
            needs_targets=self.needs_targets,
            has_rollback=self.rollback != "none",
            risk=self.risk,
            dry_run=self.dry_run,
            usable_by=self.usable_by,
            outputs=self.outputs,
        )


def load_action(folder: Path) -> Action:
    """Read and check the action of one folder; checks across actions are not made. Raises LibraryError."""
    where = f"{folder.name}/{DOCUMENT}"
    try:
        files = read_files(folder)
    except (ValueError, OSError) as error:
        raise LibraryError(f"{where}: {error}") from error
    raw, found = read(files, folder.name, where)
    if raw is None:
        raise LibraryError(str(found[0]))
    if "include" in raw:
        raise LibraryError(f"{where} include: is for repositories only")
    return made(raw, files, folder.name)


def stored_action(key: str, files: Files) -> Action:
    """The action of stored files. They were checked when they were stored, so newer rules do not apply.

    Raises ValueError if this release can no longer read it.
    """
    try:
        raw, _repeated = yaml_reader.read(files[DOCUMENT])
        return made(raw, files, key)
    except (TypeError, KeyError, AttributeError, yaml_reader.Unreadable) as error:
        raise ValueError(f"this release cannot read it: {error}") from error


def materialise(action: Action, folder: Path) -> None:
    """Write the action's files into a new folder, for a run.

    Raises ValueError if they do not match its version, and OSError.
    """
    write_files(action.files, action.version, folder)


def made(raw: dict[str, Any], files: Files, key: str) -> Action:
    """Build the action from a checked document."""
    said = USUAL | raw
    listed = isinstance(said["params"], list)
    schema = parameters.compiled(said["params"], said.get("checks", [])) if listed else said["params"]
    names = parameters.labels(said["params"]) if listed else said["labels"]
    outputs = said.get("outputs", {})
    usual = {key: said[key] for key in ("description", "executor", "needs_targets", "risk", "diff")}
    usual |= {key: said[key] for key in ("timeout_s", "valid_days")}
    own = {key: raw[key] for key in ("rollback", "health_check", "batch", "concurrency", "run") if key in raw}
    return Action(
        **usual,
        **own,
        key=key,
        version=content_version(files),
        files=MappingProxyType(dict(files)),
        name=said["name"],
        params=schema,
        fields=tuple(said["params"]) if listed else tuple(as_fields(schema, names)),
        labels=names,
        command=_both(said.get("command", _usual_command(key, list(names)))),
        is_read_only=said["read_only"],
        dry_run=said.get("dry_run", usual_dry_run(said["executor"], is_read_only=said["read_only"])),
        recheck=said["recheck"]["limit"] if "recheck" in said else None,
        outputs=parameters.compiled(outputs, [])["properties"] if isinstance(outputs, list) else outputs,
        credentials=tuple(said.get("credentials", ())),
        usable_by=tuple(said.get("usable_by", ())),
    )


def _both(text: Text) -> dict[str, str]:
    words: Any = both(text, text) if isinstance(text, str) else text
    return {"zh": words.get("zh") or words["en"], "en": words.get("en") or words["zh"]}


def _usual_command(key: str, names: list[str]) -> str:
    return " ".join([key, *(f"{{{name}}}" for name in names)])
