"""Actions for one test, orders on the two minions, and runs followed to their end."""

import json
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import automation
from automation import executors
from automation.actions.document import Action, load_action
from automation.actions.library import library
from automation.adapters.planner import InventoryPlanner
from automation.executors.base import Diff, Execution, HostResult, Mode, Order
from automation.executors.verdict import Ending, Verdict, verdict_of
from tickets.models.content import Target

MINIONS = ("salt-01", "salt-02")
LIBRARY = Path(automation.__file__).parent / "library"
PARAM = {"type": "string", "maxLength": 10_000}


def action(folder: Path, run: dict[str, Any], states: str = "", **more: Any) -> Action:
    """An action in its own folder. Its parameters are strings, unless `params` is given."""
    params, key = more.pop("params", {}), more.pop("key", "test.salt")
    place = folder / "actions" / key
    place.mkdir(parents=True, exist_ok=True)
    if states:
        (place / "states.yaml").write_text(states)
    for name, text in more.pop("files", {}).items():
        (place / name).write_text(text)
    both = {"zh": "试", "en": "Try"}
    document = {
        "key": key, "name": both, "description": both, "executor": "salt", "read_only": False,
        "needs_targets": True, "risk": "low", "timeout_s": 60, "valid_days": 7, "command": both,
        "labels": dict.fromkeys(params, both),
        "params": {"type": "object", "additionalProperties": False, "properties": params},
        "run": run, **more,
    }  # fmt: skip
    (place / "action.yaml").write_text(json.dumps(document))
    return load_action(place)


def targets(*minions: str) -> list[Target]:
    """Hosts whose names differ from their minion ids."""
    return [Target(name=f"host-{minion}", address=minion, connection="salt") for minion in minions]


def order(what: Action, *minions: str, **more: Any) -> Order:
    """An order on these minions; without names, on both."""
    given = {"params": {}, "key": "", **more}
    return Order("CHG-20261130-0001", 1, what, what.version, targets=targets(*(minions or MINIONS)), **given)


def dry(what: Action, *minions: str, **more: Any) -> Order:
    """The same, as a dry run."""
    return order(what, *minions, mode=Mode.CHECK, **more)


@dataclass
class Run:
    """Everything that a run reported."""

    text: str = ""
    hosts: dict[str, HostResult] = field(default_factory=dict)
    diffs: list[Diff] = field(default_factory=list)
    unforeseen: list[tuple[str, str]] = field(default_factory=list)
    exit_code: int | None = None
    has_verdict: bool = False
    took_s: float = 0.0

    def verdict(self, asked: Order, stopped: str = "") -> Verdict:
        """The verdict as the worker computes it."""
        names = [target["name"] for target in asked.targets]
        return verdict_of(names, self.hosts, Ending(self.exit_code or 0, self.has_verdict, stopped))

    def of(self, minion: str) -> HostResult:
        """The result of one host."""
        return self.hosts[f"host-{minion}"]


def follow(asked: Order, until: Callable[[Run, Execution], None] | None = None, seconds: float = 60) -> Run:
    """Follow a run to its end. until: called after each look; may stop it."""
    run, began = Run(), time.monotonic()
    with executors.start(asked) as execution:
        while execution.exit_code is None:
            assert time.monotonic() - began < seconds, f"no end within {seconds} s:\n{run.text}"
            take(run, execution)
            if until is not None:
                until(run, execution)
        take(run, execution)
        run.exit_code, run.has_verdict = execution.exit_code, execution.has_verdict
    run.took_s = time.monotonic() - began
    return run


def take(run: Run, execution: Execution) -> None:
    """Take one look."""
    news = execution.poll(0.2)
    run.text += news.text.decode()
    run.hosts |= news.hosts
    run.diffs += news.diffs
    run.unforeseen += news.unforeseen


def play(key: str, how: Mode = Mode.RUN, hosts: tuple[str, ...] = ("web-salt-01",), **params: Any) -> Run:
    """Plan a shipped action from the inventory, and run it."""
    plan = InventoryPlanner().plan(node="run", action=key, params=params, hosts=list(hosts), not_before=None)
    known = library().action(key)
    return follow(Order("CHG-1", 1, known, plan["version"], plan["params"], plan["targets"], mode=how))


def moved(folder: Path, key: str, places: Mapping[str, str]) -> Action:
    """A shipped action with replaced texts: test folders instead of the system's."""
    place = folder / "actions" / key
    shutil.copytree(LIBRARY / key, place, dirs_exist_ok=True)
    for path in (path for path in place.rglob("*") if path.is_file()):
        text = path.read_text()
        for old, new in places.items():
            text = text.replace(old, new)
        path.write_text(text)
    return load_action(place)
