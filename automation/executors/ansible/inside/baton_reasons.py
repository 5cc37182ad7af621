# ruff: noqa: INP001 (modules for Ansible's own process, not a package)
"""Why a task failed, in useful words: the command's own output instead of "non-zero return code".

Runs inside ansible-playbook, where nothing of Baton can be imported.
"""

import re

REASON_MAX = 1500
ITEMS_MAX = 5
ITEM_MAX = 300
LINES = 6
NOISE = re.compile(r"(Shared connection|Connection) to \S+ closed\.?")  # ssh always writes this line last
NO_ENTRY = "Permission denied ("  # ssh's text, before the list of methods that the host accepts


def reason(result) -> str:  # type: ignore[no-untyped-def]
    """The reason in the result of one task on one host."""
    failed = [item for item in result.get("results") or () if isinstance(item, dict) and _is_failed(item)]
    if not failed:
        return _one(result)[:REASON_MAX]
    told = [f"{_label(item)}: {_one(item)}"[:ITEM_MAX] for item in failed[:ITEMS_MAX]]
    if len(failed) > ITEMS_MAX:
        told.append(f"… {len(failed) - ITEMS_MAX} more")
    return "; ".join(told)[:REASON_MAX]


def _is_failed(item) -> bool:  # type: ignore[no-untyped-def]
    return bool(item.get("failed") or item.get("unreachable"))


def _label(item) -> str:  # type: ignore[no-untyped-def]
    """The item's name; "(hidden)" if its result is hidden (no_log does not hide the label)."""
    return "(hidden)" if "censored" in item else str(item.get("_ansible_item_label", item.get("item", "")))


def _one(result) -> str:  # type: ignore[no-untyped-def]
    """The reason in one result: the end of its error output, otherwise its message, otherwise its normal output."""
    if "censored" in result:
        return "The reason is hidden: this step works with secrets."
    message, code = str(result.get("msg") or "").removeprefix("Task failed: "), result.get("rc")
    wrote = _end(result.get("module_stderr") or result.get("stderr"))
    printed = _end(result.get("module_stdout") or result.get("stdout"))
    if NO_ENTRY in message and result.get("unreachable"):
        return f"{message} This host does not take our key, or asks for a password."
    if code is None and "module_stderr" not in result:
        return message or wrote or printed
    said = wrote or printed or message
    return f"{said} (exit code {code})" if isinstance(code, int) and code else said


def _end(text) -> str:  # type: ignore[no-untyped-def]
    """The last lines that are not empty or noise."""
    lines = [line.rstrip() for line in str(text or "").splitlines() if line.strip()]
    lines = [line for line in lines if not NOISE.fullmatch(line)]
    return "\n".join(lines[-LINES:])[-REASON_MAX:]
