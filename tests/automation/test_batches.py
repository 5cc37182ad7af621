"""Batch sizes: how they are parsed, counted and displayed."""

from typing import Any

import pytest

from automation.actions.batches import batch_numbers, is_batch, portions, words
from automation.adapters.planner import InventoryPlanner
from automation.models import Host
from tests.hostile import CODE
from tickets.errors import PlanRefused
from tickets.trail.digests import plan_digest

HOSTS = [f"h{number}" for number in range(10)]


@pytest.mark.parametrize("batch", [1, 500, "1%", "25%", "100%", [1, "10%", "100%"]])
def test_a_batch_is_a_number_a_percentage_or_a_list(batch: Any) -> None:
    assert is_batch(batch)


@pytest.mark.parametrize(
    "batch",
    [
        *(0, -1, True, 1.5, None, 10**9, {}, "", "1", "0%", "101%", "25 %", "٢%", "25%\n", "%"),
        *([], [0], [[1]], [1] * 21),
        *CODE.values(),
    ],
)
def test_A28_anything_else_is_not(batch: Any) -> None:
    assert not is_batch(batch)


@pytest.mark.parametrize(
    ("batch", "sizes"),
    [
        (3, [3, 3, 3, 1]),
        (50, [10]),
        ("25%", [2, 2, 2, 2, 2]),
        ("1%", [1] * 10),
        ("100%", [10]),
        ([1, "50%", "100%"], [1, 5, 4]),
        ([1, 2], [1, 2, 2, 2, 2, 1]),
    ],
)
def test_hosts_are_taken_in_order_each_once(batch: Any, sizes: list[int]) -> None:
    taken = list(portions(HOSTS, batch))
    assert [len(part) for part in taken] == sizes
    assert [name for part in taken for name in part] == HOSTS


@pytest.mark.parametrize(
    ("batch", "on_failure", "zh", "en"),
    [
        (None, "stop", "在 10 台主机上执行", "Runs on 10 hosts"),
        (3, "stop", "在 10 台主机上执行，分 4 批，失败即停",
         "Runs on 10 hosts in 4 batches, stopping at the first batch that fails"),
        ("100%", "continue", "在 10 台主机上执行，分 1 批，失败后继续",
         "Runs on 10 hosts in 1 batch, going on after failures"),
    ],
)  # fmt: skip
def test_whoever_approves_it_reads_how(batch: Any, on_failure: str, zh: str, en: str) -> None:
    assert words(HOSTS, batch, on_failure) == {"zh": zh, "en": en}


@pytest.mark.django_db
class TestPlan:
    def plan(self, **given: Any) -> Any:
        for name in HOSTS:
            Host.objects.get_or_create(name=name)
        return InventoryPlanner().plan(
            node="run", action="system.os_version", params={}, hosts=HOSTS, not_before=None, **given
        )

    def test_I15_batches_are_part_of_what_is_signed(self) -> None:
        plain, batched = self.plan(), self.plan(batch="25%")
        assert (batched["batch"], batched["on_failure"]) == ("25%", "stop")
        assert batched["digest"] == plan_digest(batched) != plain["digest"]
        assert self.plan(batch="25%", on_failure="continue")["digest"] != batched["digest"]
        summary = InventoryPlanner().describe(batched)["summary"]
        assert summary["zh"] == "在 10 台主机上执行，分 5 批，失败即停"

    def test_I15_a_plan_without_them_keeps_its_digest(self) -> None:
        for given in ({}, {"batch": None}, {"on_failure": "stop"}, {"on_failure": None}):
            made = self.plan(**given)
            assert not {"batch", "on_failure"} & set(made)
            assert made["digest"] == self.plan()["digest"]
        assert self.plan(on_failure="continue")["on_failure"] == "continue"

    def test_A28_what_is_no_batch_is_refused_with_its_place(self) -> None:
        with pytest.raises(PlanRefused) as refused:
            self.plan(batch="{{ 7*7 }}", on_failure="explode")
        found = [(error["path"], error["code"]) for error in refused.value.errors]
        assert found == [("plans.run.batch", "bad_batch"), ("plans.run.on_failure", "bad_on_failure")]

    def test_each_host_knows_its_batch_also_in_a_rerun_of_some(self) -> None:
        made = self.plan(batch=[1, 4])
        assert list(batch_numbers(made, None).values()) == [1, 2, 2, 2, 2, 3, 3, 3, 3, 4]
        assert batch_numbers(made, ["h3", "h9"]) == {"h3": 1, "h9": 2}
        assert batch_numbers(self.plan(), None) == {}
