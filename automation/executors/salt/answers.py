"""Judge a minion's answer step by step, never by Salt's `success` alone."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from automation.executors.base import Diff, HostResult
from automation.executors.salt.client import Answer
from automation.executors.salt.secrecy import HIDDEN, hides
from automation.executors.salt.state_file import SHELL, High
from automation.models.job import HostStatus

BUSY = re.compile(r'The function "[\w.]+" is running as PID \d+ and was started at')
FOLDERS = frozenset({"file.directory", "file.recurse"})
TEXT_MAX = 200_000
WHY_MAX = 800


@dataclass(frozen=True)
class MinionResult:
    """The result of one host. text: for the log, raw. is_busy: another state run was active, so nothing was changed."""

    result: HostResult
    text: str = ""
    diffs: tuple[Diff, ...] = ()
    unforeseen: tuple[str, ...] = ()
    is_busy: bool = False


@dataclass(frozen=True)
class Step:
    """One state: as it was sent and as it was returned."""

    name: str
    what: str
    arguments: Mapping[str, Any]
    came: Mapping[str, Any] = field(default_factory=dict)

    @property
    def changes(self) -> Any:
        return self.came.get("changes") or {}

    @property
    def is_run_command(self) -> bool:
        """Whether this is a command that was run, with its output."""
        return self.what.startswith("cmd.") and isinstance(self.changes, dict) and "retcode" in self.changes

    @property
    def where(self) -> str:
        """What it changes: a file, a folder (ending with a slash), or something else."""
        name = str(self.came.get("name", ""))
        if self.what in FOLDERS and name.startswith("/"):
            return name.rstrip("/") + "/"
        return name if self.what.startswith("file.") else f"{self.what} {name}"


def function_result(host: str, answer: Answer, run: Mapping[str, Any]) -> MinionResult:
    """Judge an execution function by its return code, its success flag and the action's `expect` (else: not false)."""
    value = answer.value
    why = ""
    if isinstance(value, dict) and "retcode" in value and value["retcode"] != 0:
        why = _refusal(value)
    elif answer.retcode not in (0, None) or answer.success is False:
        why = _said(value) or f"return code {answer.retcode}"
    elif "expect" in run and value != run["expect"]:
        why = f"It answered {_said(value)}"
    elif "expect" not in run and value is False:
        why = "It answered false"
    status = HostStatus.FAILED if why else HostStatus.OK
    return MinionResult(HostResult(status, message=why), f"{host}: {status}\n{_told(value)}")


def states_result(host: str, answer: Answer, high: High, *, is_check: bool) -> MinionResult:
    """Judge a state run: every state that was sent must be returned as successful."""
    value = answer.value
    if isinstance(value, list):
        said = "; ".join(map(str, value))
        busy = answer.retcode == 1 and len(value) > 0 and all(BUSY.match(str(line)) for line in value)
        return MinionResult(HostResult(HostStatus.FAILED, message=said), f"{host}: {said}\n", is_busy=busy)
    if not isinstance(value, dict) or not value:
        said = _said(value) if value else "It answered without any state"
        return MinionResult(HostResult(HostStatus.FAILED, message=said), f"{host}: {said}\n")
    steps = list(_steps(value, high))
    wrong = [f"{step.name}: {_why(step)}" for step in steps if not _is_well(step, is_check=is_check)]
    missing = set(high) - {step.name for step in steps}
    wrong += [f"{name}: did not come back" for name in high if name in missing]
    if not wrong and answer.retcode not in (0, None):
        wrong = [f"return code {answer.retcode}"]
    changed = any(is_check if step.came.get("result") is None else step.changes for step in steps)
    status = HostStatus.FAILED if wrong else HostStatus.CHANGED if changed else HostStatus.OK
    diffs = tuple(found for step in steps for found in _diff(host, step))
    notes = tuple(note for step in steps for note in _notes(step)) if is_check else ()
    text = f"{host}: {status}\n" + "".join(map(_line, steps)) + "".join(f"  {line}\n" for line in wrong)
    return MinionResult(HostResult(status, changed, "; ".join(wrong)), text[:TEXT_MAX], diffs, notes)


def _steps(value: dict[str, Any], high: High) -> Iterator[Step]:
    """The steps in run order. States that were not sent are shown, and count as wrong only if they failed."""
    for key, came in sorted(value.items(), key=lambda item: _number(item[1])):
        parts = str(key).split("_|-")
        if not isinstance(came, dict) or len(parts) != 4:
            yield Step(str(key), "", {}, {"result": False, "comment": _said(came)})
            continue
        sent = high.get(parts[1], {}).get(parts[0], [])
        arguments = {name: given for part in sent[1:] for name, given in part.items()}
        name = parts[1] if sent and sent[0] == parts[3] else f"{parts[1]} ({parts[0]}.{parts[3]})"
        yield Step(name, f"{parts[0]}.{parts[3]}", arguments, came)


def _number(came: Any) -> int:
    number = came.get("__run_num__") if isinstance(came, dict) else None
    return number if isinstance(number, int) else 0


def _is_well(step: Step, *, is_check: bool) -> bool:
    result = step.came.get("result")
    return result is True or (is_check and result is None)


def _why(step: Step) -> str:
    """Why it failed. For a command, its own output is used: Salt's comment only repeats the command."""
    if step.is_run_command:
        return _refusal(step.changes)
    comment = str(step.came.get("comment", ""))
    return f"not done ({comment})" if step.came.get("result") is None else comment


def _refusal(ran: Mapping[str, Any]) -> str:
    """The last output of a failed command."""
    said = str(ran.get("stderr") or ran.get("stdout") or "").strip()
    return said[-WHY_MAX:] or f"return code {ran.get('retcode')}"


def _diff(host: str, step: Step) -> Iterator[Diff]:
    if not step.changes:
        return
    if hides(step.what, step.arguments):
        yield Diff(host, step.where, HIDDEN)
        return
    changes = step.changes
    if step.what.startswith("cmd."):
        return
    told = changes.get("diff") if isinstance(changes, dict) else None
    contents = step.arguments.get("contents")
    if (told in (None, "New file") and isinstance(changes, dict) and "newfile" in changes) or told == "New file":
        shown = "".join(f"+{line}\n" for line in contents.splitlines()) if isinstance(contents, str) else "New file\n"
        yield Diff(host, step.where, shown[:TEXT_MAX])
    else:
        yield Diff(host, step.where, (told if isinstance(told, str) else _said(changes))[:TEXT_MAX])


def _notes(step: Step) -> Iterator[str]:
    """What this dry run could not predict, or really ran."""
    ran = sorted(SHELL & set(step.arguments))
    if ran:
        yield f"{step.name}: {', '.join(ran)} was really run"
    if step.what.startswith("cmd.") and step.came.get("result") is None:
        yield f"{step.name}: what the command does"


def _line(step: Step) -> str:
    result = step.came.get("result")
    mark = "would change" if result is None else "failed"
    if result is True:
        mark = "changed" if step.changes else "ok"
    said = "" if step.is_run_command else str(step.came.get("comment", "")).strip()
    text = f"  {mark:<8} {step.name} ({step.what})\n" + _indented(said, 4)
    return text + (_streams(step.changes, 4) if step.is_run_command else "")


def _streams(ran: Mapping[str, Any], by: int) -> str:
    return "".join(_indented(str(ran.get(stream) or ""), by) for stream in ("stdout", "stderr"))


def _told(value: Any) -> str:
    """For the log: a command's output as it was written; any other answer in full."""
    if isinstance(value, dict) and {"retcode", "stdout", "stderr"} <= set(value):
        return _streams(value, 2)
    return _indented(_said(value))


def _said(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, indent=1, default=str)


def _indented(text: str, by: int = 2) -> str:
    return "".join(f"{' ' * by}{line}\n" for line in text[:TEXT_MAX].splitlines())
