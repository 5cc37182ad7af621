"""What is known later about an attempt with stages: each has its own key (F05)."""

from types import SimpleNamespace
from typing import Any

import pytest

from automation import executors
from automation.executors.base import HostResult, Order
from automation.executors.host_words import STAGES_LEFT
from automation.jobs.traces import traces_of
from tickets.models.content import Target

OK, CHANGED, FAILED = HostResult("ok"), HostResult("changed", changed=True), HostResult("failed", message="no")
HOSTS = ("a", "b")


def stage(key: str, executor: str = "salt", *, takes: bool = False) -> tuple[Order, bool]:
    """A stage on two hosts."""
    action: Any = SimpleNamespace(key=key, executor=executor, timeout_s=60, credentials=())
    targets: list[Target] = [{"name": name, "address": name, "connection": "salt"} for name in HOSTS]
    return Order("CHG-1", 1, action, "v", {}, targets, key=key), takes


@pytest.fixture
def known(monkeypatch) -> dict[str, dict[str, HostResult] | None]:
    """What each stage's run came to, by its key; asked: in which order it was asked for."""
    found: dict[str, dict[str, HostResult] | None] = {}
    monkeypatch.setattr(executors, "look_up", lambda order: found.get(order.key, {}))
    return found


def statuses(*stages: tuple[Order, bool]) -> dict[str, str]:
    found = traces_of(stages)
    assert found is not None
    assert list(found.names) == list(HOSTS)
    return {name: result.status for name, result in found.hosts.items()}


def test_of_one_stage_everything_that_is_known_counts(known) -> None:
    known["one"] = {"a": CHANGED, "b": HostResult("unknown")}
    assert statuses(stage("one")) == {"a": "changed"}


def test_a_host_is_done_when_the_last_stage_is_and_changed_when_any_was(known) -> None:
    known |= {"one": {"a": CHANGED, "b": OK}, "two": {"a": OK, "b": OK}}
    assert statuses(stage("one"), stage("two")) == {"a": "changed", "b": "ok"}


@pytest.mark.parametrize(
    "first",
    [{}, {"a": CHANGED}, {"a": CHANGED, "b": HostResult("unknown")}],
)
def test_a_stage_that_is_not_through_leaves_everything_open(known, first) -> None:
    known |= {"one": first, "two": {"a": OK, "b": OK}}
    assert statuses(stage("one"), stage("two")) == {}


def test_after_a_stage_that_failed_somewhere_no_other_was_begun(known) -> None:
    known |= {"one": {"a": CHANGED, "b": FAILED}}
    found = traces_of([stage("one"), stage("two")])
    assert found is not None
    assert found.hosts == {"a": HostResult("not_reached", changed=True, message=STAGES_LEFT), "b": FAILED}


def test_a_stage_between_whose_runs_the_worker_died_is_open(known) -> None:
    known |= {"one": {"a": OK, "b": OK}}
    assert statuses(stage("one"), stage("two")) == {}


def test_A27_a_stage_that_took_values_of_another_is_not_judged(known) -> None:
    known |= {"one": {"a": OK, "b": OK}, "two": {"a": OK, "b": OK}}
    assert statuses(stage("one"), stage("two", takes=True)) == {}


def test_what_leaves_no_traces_is_not_asked(known) -> None:
    assert traces_of([stage("one", "ansible")]) is None
    known["one"] = {"a": OK, "b": OK}
    assert statuses(stage("one"), stage("two", "ansible")) == {}
    known["one"] = None
    assert traces_of([stage("one")]) is None


def test_the_limits_of_all_stages_add_up(known) -> None:
    found = traces_of([stage("one"), stage("two")])
    assert found is not None
    assert found.limit_s == 120
