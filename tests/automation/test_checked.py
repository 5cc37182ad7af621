"""Health checks: what follows one that fails, hangs, gets lost or does not begin; with executions that only pretend."""

from dataclasses import replace
from typing import Any

import pytest

from automation import executors
from automation.executors.base import HostResult, Order, Refused
from automation.executors.batched import NOT_TRIED
from automation.executors.checked import looked_up
from automation.executors.host_words import CHECKING
from automation.executors.verdict import TIMED_OUT, Ending, in_words, verdict_of
from tests.automation.pretending import ACTION, NAMES, TARGETS, Stage, follow


def ran(stage: Stage) -> list[tuple[bool, str]]:
    """(is it a health check, its hosts) of each run."""
    return [(run.order.is_health_check, "".join(target["name"] for target in run.order.targets)) for run in stage.runs]


def test_a_check_follows_each_batch_the_last_one_too() -> None:
    stage = Stage()
    ended = follow(stage.checked("50%"))
    assert (ended.outcome, set(ended.hosts.values())) == ("ok", {"ok"})
    assert ran(stage) == [(False, "ab"), (True, "ab"), (False, "cd"), (True, "cd")]
    assert ended.text.count("Health check test.sleep v: ") == 2
    assert ended.text.index("Health check test.sleep v: a, b") < ended.text.index("Batch 2 of 2")
    assert [run.exits for run in stage.runs] == [1, 1, 1, 1]


def test_one_check_follows_a_run_without_batches() -> None:
    stage = Stage()
    assert follow(stage.checked(None)).outcome == "ok"
    assert ran(stage) == [(False, "abcd"), (True, "abcd")]


def test_a_host_is_under_way_until_its_check_has_ended() -> None:
    with Stage().checked(None) as execution:
        seen = [execution.poll(0).hosts for _poll in range(4)]
    assert {result.status for result in seen[1].values()} == {"running"}
    assert {result.message for result in seen[1].values()} == {CHECKING}
    assert {result.status for result in seen[3].values()} == {"ok"}


def test_what_the_check_finds_wrong_has_failed_and_the_rest_is_not_tried() -> None:
    stage = Stage(check_fate={"b": "failed"})
    ended = follow(stage.checked([2, 1]))
    assert (ended.outcome, ended.hosts) == ("partial", {"a": "ok", "b": "failed", "c": "skipped", "d": "skipped"})
    assert ended.messages["b"] == "Health check failed: failed"
    assert ended.messages["c"] == NOT_TRIED
    assert "b: Health check failed: failed\n" in ended.text
    assert ran(stage) == [(False, "ab"), (True, "ab")]


def test_continue_goes_on_after_a_check_that_failed() -> None:
    stage = Stage(check_fate={"a": "unreachable"})
    ended = follow(stage.checked(2, "continue"))
    assert ended.hosts == {"a": "failed", "b": "ok", "c": "ok", "d": "ok"}
    assert ended.messages["a"] == "Health check failed: unreachable"


def test_only_hosts_that_were_done_are_checked_and_none_where_none_was() -> None:
    stage = Stage({"a": "failed"})
    assert follow(stage.checked(None)).hosts == {"a": "failed", "b": "ok", "c": "ok", "d": "ok"}
    assert ran(stage) == [(False, "abcd"), (True, "bcd")]
    stage = Stage(dict.fromkeys(NAMES, "failed"))
    assert follow(stage.checked(None)).outcome == "failed"
    assert ran(stage) == [(False, "abcd")]


def test_I26_a_check_that_says_nothing_of_a_host_fails_it() -> None:
    stage = Stage(check_fate={"a": "skipped", "b": "lost"})
    ended = follow(stage.checked(1, "continue"))
    assert ended.hosts == {"a": "failed", "b": "failed", "c": "ok", "d": "ok"}
    assert ended.messages["b"] == "Health check failed: It gave no result."
    assert ended.outcome == "partial"  # the run itself is known to the end, whatever became of its check


def test_F30_a_lost_run_stays_lost_whatever_its_check_says() -> None:
    stage = Stage({"b": "lost"})
    ended = follow(stage.checked(1))
    assert (ended.outcome, ended.hosts) == ("unknown", {"a": "ok", "b": "unknown", "c": "skipped", "d": "skipped"})
    assert ran(stage) == [(False, "a"), (True, "a"), (False, "b")]


def test_A29_a_check_that_may_not_begin_fails_its_hosts_and_says_why() -> None:
    stage = Stage(refuse_from=3)
    ended = follow(stage.checked(2))
    assert ended.hosts == {"a": "ok", "b": "ok", "c": "failed", "d": "failed"}
    assert ended.messages["d"] == "Health check failed: The action has changed since it was approved."


def test_I17_a_stop_during_a_check_begins_nothing_else() -> None:
    stage = Stage()
    ended = follow(stage.checked(2, "continue"), stop_at=3, why="cancelled")
    assert ended.outcome == "cancelled"
    assert ended.hosts == {"a": "cancelled", "b": "cancelled", "c": "not_reached", "d": "not_reached"}
    assert ended.messages["a"] == CHECKING
    assert [run.stops for run in stage.runs] == [0, 1]


def test_a_stop_during_the_run_begins_no_check() -> None:
    stage = Stage()
    assert follow(stage.checked(2), stop_at=1, why="cancelled").outcome == "cancelled"
    assert ran(stage) == [(False, "ab")]


def test_a_pause_takes_effect_behind_the_check() -> None:
    stage = Stage()
    with stage.checked(2) as execution:
        execution.hold(wanted=True)  # type: ignore[attr-defined]
        while execution.exit_code is None:
            execution.poll(0)
        assert execution.is_held  # type: ignore[attr-defined]
    assert ran(stage) == [(False, "ab"), (True, "ab")]


def test_I14_a_check_has_a_key_of_its_own() -> None:
    stage = Stage()
    follow(stage.checked(2, key="k-1"))
    assert [run.order.key for run in stage.runs] == ["k-1-1", "k-1-1-h", "k-1-2", "k-1-2-h"]
    stage = Stage()
    follow(stage.checked(None, key="k-1"))
    assert [run.order.key for run in stage.runs] == ["k-1", "k-1-h"]


def test_the_time_limit_is_that_of_what_runs_and_is_told_as_the_checks() -> None:
    stage = Stage()
    slow = replace(ACTION, timeout_s=7)
    order = Order("T-1", 1, ACTION, "v", {}, TARGETS, 2)
    order = replace(order, health_check=replace(order, action=slow, is_health_check=True))
    with executors.start(order, stage.start) as execution:
        limits = [execution.timeout_s for _poll in range(3) if execution.poll(0)]  # type: ignore[attr-defined]
    assert limits == [60, 7, 7]
    results = {"a": HostResult("running", changed=True, message=CHECKING), "b": HostResult("running")}
    hosts = verdict_of(["a", "b"], results, Ending(143, has_verdict=False, stopped="timed_out")).hosts
    assert hosts["a"] == HostResult("failed", changed=True, message=f"Health check failed: {TIMED_OUT}")
    assert hosts["b"].message == TIMED_OUT


def test_a_message_is_told_in_the_readers_language() -> None:
    from django.utils.translation import override

    with override("zh-hans"):
        assert in_words(f"Health check failed: {TIMED_OUT}") == f"健康检查未通过：{in_words(TIMED_OUT)}"
        assert in_words("Health check failed: nginx 挂了") == "健康检查未通过：nginx 挂了"


@pytest.mark.parametrize(
    ("found", "came"),
    [
        ({"a": HostResult("ok")}, {"a": "changed", "b": "unknown", "c": "failed"}),
        ({"a": HostResult("ok"), "b": HostResult("failed")}, {"a": "changed", "b": "failed", "c": "failed"}),
        ({"a": HostResult("running")}, {"a": "unknown", "b": "unknown", "c": "failed"}),
        (None, {"a": "unknown", "b": "unknown", "c": "failed"}),
    ],
)
def test_F30_after_a_crash_both_are_looked_up(found: Any, came: dict[str, str]) -> None:
    order = Order("T-1", 1, ACTION, "v", {}, TARGETS, key="k-1-2")
    order = replace(order, health_check=replace(order, is_health_check=True))
    asked: list[Order] = []

    def ask(check: Order) -> Any:
        asked.append(check)
        return found

    known = {"a": HostResult("changed", changed=True), "b": HostResult("ok"), "c": HostResult("failed")}
    hosts = looked_up(order, known, ask)
    assert {name: result.status for name, result in hosts.items()} == came
    assert (asked[0].key, [target["name"] for target in asked[0].targets]) == ("k-1-2-h", ["a", "b"])


def test_a_refusal_of_the_first_run_is_a_refusal_of_all() -> None:
    with pytest.raises(Refused):
        Stage(refuse_from=0).checked(None)
