"""Batch after batch: what follows a failure, a lost run, a stop, a refusal; with executions that only pretend."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from automation.executors.base import HostResult, News, Order, Refused
from automation.executors.batched import NOT_TRIED, BatchedExecution
from automation.registry import load_action
from automation.verdict import Ending, judge

ACTION = load_action(Path(__file__).parent / "library" / "test.sleep")
NAMES = ["a", "b", "c", "d"]


@dataclass
class Pretended:
    """A run that ends at the second look. `fate`: host → status; "lost" ends it without a verdict."""

    order: Order
    fate: dict[str, str]
    exit_code: int | None = None
    has_verdict: bool = False
    began_at: float = 0.0
    looks: int = 0
    stops: int = 0
    exits: int = 0

    def __enter__(self) -> "Pretended":
        return self

    def __exit__(self, *details: object) -> None:
        self.exits += 1

    def renew(self) -> None:
        pass

    def stop(self) -> None:
        self.stops += 1

    def look(self, timeout_s: float) -> News:
        self.looks += 1
        names = [target["name"] for target in self.order.targets]
        if self.looks == 1:
            return News(b"begun\n", {name: HostResult("running") for name in names})
        if self.exit_code is not None:
            return News(b"", {})
        if self.stops or "lost" in [self.fate.get(name) for name in names]:
            self.exit_code = 143 if self.stops else 137
            return News(b"", {})
        results = {name: HostResult(self.fate.get(name, "ok")) for name in names}
        self.exit_code = 0 if all(result.status == "ok" for result in results.values()) else 2
        self.has_verdict = True
        return News(b"ended\n", results)


@dataclass
class Stage:
    """Starts pretended runs, and remembers them."""

    fate: dict[str, str] = field(default_factory=dict)
    refuse_from: int = 99
    runs: list[Pretended] = field(default_factory=list)

    def start(self, order: Order) -> Any:
        if len(self.runs) >= self.refuse_from:
            raise Refused("The action has changed since it was approved.")
        self.runs.append(Pretended(order, self.fate))
        return self.runs[-1]

    def batched(self, batch: Any = 1, on_failure: str = "stop") -> BatchedExecution:
        targets: Any = [{"name": name, "address": "", "connection": "local"} for name in NAMES]
        return BatchedExecution(self.start, Order("T-1", 1, ACTION, "v", {}, targets, batch, on_failure))

    def taken(self) -> list[list[str]]:
        return [[target["name"] for target in run.order.targets] for run in self.runs]


def follow(execution: BatchedExecution, stop_at: int = -1, why: str = "") -> tuple[str, dict[str, str], str]:
    """As the worker does it: outcome, what became of each host, and what was written."""
    results: dict[str, HostResult] = {}
    text, looks = b"", 0
    with execution:
        while True:
            ended = execution.exit_code is not None
            news = execution.look(0)
            text, results = text + news.text, results | news.hosts
            if ended:
                break
            looks += 1
            assert looks < 50
            if looks == stop_at:
                execution.stop()
    verdict = judge(NAMES, results, Ending(execution.exit_code, execution.has_verdict, why))
    return verdict.outcome, {name: result.status for name, result in verdict.hosts.items()}, text.decode()


def test_all_batches_in_turn() -> None:
    stage = Stage()
    outcome, hosts, text = follow(stage.batched("50%"))
    assert (outcome, set(hosts.values())) == ("ok", {"ok"})
    assert stage.taken() == [["a", "b"], ["c", "d"]]
    assert all(run.order.batch is None for run in stage.runs)
    assert text.index("Batch 1 of 2: a, b") < text.index("Batch 2 of 2: c, d")
    assert [run.exits for run in stage.runs] == [1, 1]


def test_the_next_batch_waits_for_the_one_before() -> None:
    stage = Stage()
    with stage.batched() as execution:
        execution.look(0)
        assert len(stage.runs) == 1
        execution.look(0)
        assert [run.exit_code for run in stage.runs] == [0, None]


def test_a_failed_batch_stops_the_rest() -> None:
    stage = Stage({"b": "failed"})
    execution = stage.batched()
    outcome, hosts, _text = follow(execution)
    assert outcome == "partial"
    assert hosts == {"a": "ok", "b": "failed", "c": "skipped", "d": "skipped"}
    assert stage.taken() == [["a"], ["b"]]
    assert execution.exit_code == 2


def test_hosts_not_tried_say_why() -> None:
    execution = Stage({"a": "unreachable"}).batched([1, 3])
    with execution:
        execution.look(0)
        news = execution.look(0)
    assert {name: news.hosts[name].message for name in "bcd"} == dict.fromkeys("bcd", NOT_TRIED)


def test_continue_goes_on_even_after_a_batch_of_which_nothing_came() -> None:
    stage = Stage({"a": "failed", "c": "unreachable"})
    outcome, hosts, _text = follow(stage.batched(1, "continue"))
    assert (outcome, hosts) == ("partial", {"a": "failed", "b": "ok", "c": "unreachable", "d": "ok"})


@pytest.mark.parametrize("on_failure", ["stop", "continue"])
def test_F30_a_lost_batch_ends_it_and_only_its_own_hosts_are_unknown(on_failure: str) -> None:
    stage = Stage({"a": "failed", "b": "lost"}) if on_failure == "continue" else Stage({"b": "lost"})
    outcome, hosts, _text = follow(stage.batched(1, on_failure))
    assert outcome == "unknown"
    assert {name: hosts[name] for name in "bcd"} == {"b": "unknown", "c": "skipped", "d": "skipped"}


def test_I17_a_stop_begins_no_other_batch() -> None:
    stage = Stage()
    outcome, hosts, _text = follow(stage.batched(1, "continue"), stop_at=3, why="cancelled")
    assert (outcome, hosts) == ("cancelled", {"a": "ok", "b": "cancelled", "c": "cancelled", "d": "cancelled"})
    assert [run.stops for run in stage.runs] == [0, 1]


def test_A29_an_action_that_changes_in_between_is_not_run_further() -> None:
    stage = Stage(refuse_from=2)
    outcome, hosts, _text = follow(stage.batched())
    assert (outcome, hosts) == ("partial", {"a": "ok", "b": "ok", "c": "skipped", "d": "skipped"})
    assert [run.exits for run in stage.runs] == [1, 1]


def test_a_refusal_of_the_first_is_a_refusal_of_all() -> None:
    with pytest.raises(Refused):
        Stage(refuse_from=0).batched()
