"""Batch after batch: after a failure, a lost run, a stop, a refusal; with fake executors."""

from dataclasses import replace
from typing import Any

import pytest

from automation.executors.base import HostResult, Order, Refused
from automation.executors.batched import NOT_TRIED, BatchedExecution
from tests.automation.pretending import ACTION, NAMES, Stage, follow


def test_all_batches_in_turn() -> None:
    stage = Stage()
    ended = follow(stage.batched("50%"))
    assert (ended.outcome, set(ended.hosts.values())) == ("ok", {"ok"})
    assert stage.taken() == [["a", "b"], ["c", "d"]]
    assert all(run.order.batch is None for run in stage.runs)
    assert ended.text.index("Batch 1 of 2: a, b") < ended.text.index("Batch 2 of 2: c, d")
    assert [run.exits for run in stage.runs] == [1, 1]


def test_the_next_batch_waits_for_the_one_before() -> None:
    stage = Stage()
    with stage.batched() as execution:
        execution.poll(0)
        assert len(stage.runs) == 1
        execution.poll(0)
        assert [run.exit_code for run in stage.runs] == [0, None]


def test_a_failed_batch_stops_the_rest() -> None:
    stage = Stage({"b": "failed"})
    execution = stage.batched()
    ended = follow(execution)
    assert ended.outcome == "partial"
    assert ended.hosts == {"a": "ok", "b": "failed", "c": "skipped", "d": "skipped"}
    assert stage.taken() == [["a"], ["b"]]
    assert execution.exit_code == 2


def test_hosts_not_tried_say_why() -> None:
    execution = Stage({"a": "unreachable"}).batched([1, 3])
    with execution:
        execution.poll(0)
        news = execution.poll(0)
    assert {name: news.hosts[name].message for name in "bcd"} == dict.fromkeys("bcd", NOT_TRIED)


def test_continue_goes_on_even_after_a_batch_of_which_nothing_came() -> None:
    stage = Stage({"a": "failed", "c": "unreachable"})
    ended = follow(stage.batched(1, "continue"))
    assert (ended.outcome, ended.hosts) == ("partial", {"a": "failed", "b": "ok", "c": "unreachable", "d": "ok"})


@pytest.mark.parametrize("on_failure", ["stop", "continue"])
def test_F30_a_lost_batch_ends_it_and_only_its_own_hosts_are_unknown(on_failure: str) -> None:
    stage = Stage({"a": "failed", "b": "lost"}) if on_failure == "continue" else Stage({"b": "lost"})
    ended = follow(stage.batched(1, on_failure))
    assert ended.outcome == "unknown"
    assert {name: ended.hosts[name] for name in "bcd"} == {"b": "unknown", "c": "skipped", "d": "skipped"}


def test_I17_a_stop_begins_no_other_batch() -> None:
    stage = Stage()
    ended = follow(stage.batched(1, "continue"), stop_at=3, why="cancelled")
    assert (ended.outcome, ended.hosts) == (
        "cancelled",
        {"a": "ok", "b": "cancelled", "c": "not_reached", "d": "not_reached"},
    )
    assert [run.stops for run in stage.runs] == [0, 1]


def test_A29_an_action_that_changes_in_between_is_not_run_further() -> None:
    stage = Stage(refuse_from=2)
    ended = follow(stage.batched())
    assert (ended.outcome, ended.hosts) == ("partial", {"a": "ok", "b": "ok", "c": "skipped", "d": "skipped"})
    assert [run.exits for run in stage.runs] == [1, 1]


def test_a_refusal_of_the_first_is_a_refusal_of_all() -> None:
    with pytest.raises(Refused):
        Stage(refuse_from=0).batched()


def test_a_hold_lets_the_batch_under_way_end_and_begins_no_other() -> None:
    stage = Stage()
    with stage.batched() as execution:
        execution.poll(0)
        execution.hold(wanted=True)
        assert execution.poll(0).hosts == {"a": HostResult("ok")}
        assert (execution.exit_code, execution.has_verdict, execution.is_held) == (0, True, True)
    assert stage.taken() == [["a"]]


def test_a_hold_that_is_taken_back_or_comes_in_the_last_batch_changes_nothing() -> None:
    stage = Stage()
    with stage.batched("50%") as execution:
        execution.hold(wanted=True)
        execution.hold(wanted=False)
        for _poll in range(4):
            execution.poll(0)
            execution.hold(wanted=len(stage.runs) == 2)
    assert (stage.taken(), execution.is_held) == ([["a", "b"], ["c", "d"]], False)


def test_a_hold_after_a_failed_batch_is_a_failure() -> None:
    stage = Stage({"a": "failed"})
    execution = stage.batched()
    execution.hold(wanted=True)
    assert follow(execution).outcome == "failed"
    assert not execution.is_held


def test_I14_every_batch_has_a_key_of_its_own_and_keeps_it_after_a_pause() -> None:
    stage = Stage()
    targets: Any = [{"name": name, "address": "", "connection": "local"} for name in NAMES]
    order = Order("T-1", 1, ACTION, "v", {}, targets, [1, 2], key="k-1")
    follow(BatchedExecution(stage.start, order))
    follow(BatchedExecution(stage.start, replace(order, targets=targets[1:], whole=NAMES)))
    keys = [(run.order.key, [target["name"] for target in run.order.targets]) for run in stage.runs]
    assert keys == [
        *[("k-1-1", ["a"]), ("k-1-2", ["b", "c"]), ("k-1-3", ["d"])],
        *[("k-1-2", ["b", "c"]), ("k-1-3", ["d"])],
    ]
