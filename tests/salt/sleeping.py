"""A run of any length that records each execution and can be observed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from automation.actions.document import Action
from automation.executors.base import Execution, Order
from tests.salt.world import PARAM, Run, action, order

LONG_S = 86_397
STATES = """
Wait:
  cmd.run:
    - name: {command}
    - env:
      - SECONDS_: {{$param: seconds}}
      - COUNT: {{$param: count}}
"""
SLEEP = 'sleep $SECONDS_ && echo done >> "$COUNT"'


def sleeper(tmp_path: Path, command: str = SLEEP, **more: Any) -> Action:
    """An action that sleeps for some seconds, and then writes a line into a file."""
    states = STATES.format(command=command)
    return action(tmp_path, {"state": "states.yaml"}, states, params={"seconds": PARAM, "count": PARAM}, **more)


def sleep(tmp_path: Path, seconds: float, *minions: str, command: str = SLEEP, **more: Any) -> Order:
    """An order to sleep this long."""
    given = {"seconds": str(seconds), "count": str(tmp_path / "count")}
    return order(sleeper(tmp_path, command), *minions, params=given, **more)


def times(tmp_path: Path) -> int:
    """How often it was really executed."""
    path = tmp_path / "count"
    return len(path.read_text().splitlines()) if path.exists() else 0


def processes(tmp_path: Path) -> list[psutil.Process]:
    """Running processes started by this test's action."""
    mine = str(tmp_path / "count")
    found = psutil.process_iter(["environ"])
    return [process for process in found if (process.info["environ"] or {}).get("COUNT") == mine]


def is_running(tmp_path: Path) -> bool:
    """Whether a command of this test's action is running."""
    return bool(processes(tmp_path))


def once(tmp_path: Path, act: Callable[[Execution], object]) -> Callable[[Run, Execution], None]:
    """Call `act` once, as soon as the command runs."""
    done: list[int] = []

    def when(_run: Run, execution: Execution) -> None:
        if not done and is_running(tmp_path):
            done.append(1)
            act(execution)

    return when
