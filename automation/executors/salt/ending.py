"""Stop a job on the minions, and find missing folders after a dry run."""

import posixpath
import time
from collections.abc import Mapping
from typing import Any

from automation.executors.salt.api_connection import SaltApiError
from automation.executors.salt.client import Answer, Salt
from automation.executors.salt.rounds import TICK_S, Round
from automation.executors.salt.state_file import High

TRY_S = 12.0
FOLDERS_MAX = 20


def killed(salt: Salt, following: Round) -> set[str]:
    """Kill the job until every minion that answers reports that it has stopped; return the minions seen to stop.

    Salt's `{}` for a job proves nothing: a minion must have had the job and killed it with its children. Salt cannot
    reach processes that the job put into the background, outside its own process tree.
    """
    deadline = time.monotonic() + TRY_S
    had_it: set[str] = set()
    while following.pending - had_it and time.monotonic() < deadline:
        following.read_record()  # a minion that ended by itself has a result
        left = sorted(following.pending - had_it)
        if not left:
            break
        try:
            found = salt.kill(left, following.jid)
            killed_now = [name for name in left if found.get(name)]
            running = salt.running(killed_now, following.jid) if killed_now else {}
        except SaltApiError:
            time.sleep(TICK_S)
            continue
        had_it |= {name for name in killed_now if running.get(name) is False}
        if not set(left) & set(found):
            break  # no minion answers: asking again brings no new information
        time.sleep(TICK_S)
    following.read_record()
    return had_it & following.pending


def missing_folders(salt: Salt, answers: Mapping[str, Answer], high: High) -> dict[str, list[str]]:
    """Per minion: new files whose folder does not exist and is not created by an earlier state."""
    made = {str(name) for name in _made(high)}
    wanted: dict[str, dict[str, list[str]]] = {}
    for minion, answer in answers.items():
        for step, path in _new_files(answer.value, high):
            folder = posixpath.dirname(path)
            if folder and folder not in made:
                wanted.setdefault(folder, {}).setdefault(minion, []).append(step)
    notes: dict[str, list[str]] = {}
    for folder, minions in list(wanted.items())[:FOLDERS_MAX]:
        try:
            there = salt.folders(sorted(minions), folder)
        except SaltApiError:
            continue
        for minion, steps in minions.items():
            if there.get(minion) is not True:
                notes.setdefault(minion, []).extend(f"{step}: the folder {folder} is not there" for step in steps)
    return notes


def _made(high: High) -> list[Any]:
    found = []
    for name, body in high.items():
        for module, (function, *parts) in body.items():
            arguments = {key: value for part in parts for key, value in part.items()}
            if f"{module}.{function}" == "file.directory":
                found.append(arguments.get("name", name))
    return found


def _new_files(value: Any, high: High) -> list[tuple[str, str]]:
    found = []
    for key, came in value.items() if isinstance(value, dict) else ():
        parts = str(key).split("_|-")
        if len(parts) != 4 or not isinstance(came, dict) or came.get("result") is not None or parts[0] != "file":
            continue
        sent = high.get(parts[1], {}).get("file", [])
        makes = any(part.get("makedirs") for part in sent[1:])
        if isinstance(came.get("changes"), dict) and "newfile" in came["changes"] and not makes:
            found.append((parts[1], str(came.get("name", ""))))
    return found
