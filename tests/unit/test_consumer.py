"""Which messages workers accept from the broker, and which they set aside (A31)."""

from types import SimpleNamespace
from typing import get_type_hints

import pytest
from celery.exceptions import InvalidTaskError

from config.celery import app
from config.consumer import Consumer, require_ours

EMBED = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}


def message(args: object, kwargs: object = None, embed: object = None, **headers: object) -> SimpleNamespace:
    return SimpleNamespace(payload=[args, kwargs or {}, EMBED if embed is None else embed], headers=headers)


def test_A31_row_ids_are_taken() -> None:
    require_ours(message([]), [])
    require_ours(message([7]), [int])


@pytest.mark.parametrize(
    "found",
    [
        message([]), message([7, 8]), message(["7"]), message([7.0]), message([True]), message([0]), message([-1]),
        message([2**63]), message([[7]]), message([{"id": 7}]), message([None]), message({"0": 7}),
        message([7], {"job_id": 7}), message([7], embed={**EMBED, "callbacks": [{"task": "automation.run"}]}),
        message([7], embed={**EMBED, "chain": [1]}), message([7], embed=[]), message([7], eta="2027-01-01T00:00:00"),
        SimpleNamespace(payload={"args": [7]}, headers={}), SimpleNamespace(payload=[[7]], headers={}),
        SimpleNamespace(payload=None, headers={}),
    ],
)  # fmt: skip
def test_A31_anything_else_is_none_of_ours(found) -> None:
    with pytest.raises(InvalidTaskError):
        require_ours(found, [int])


def test_A31_every_task_of_ours_takes_ids_alone() -> None:
    app.loader.import_default_modules()
    ours = {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}
    assert len(ours) > 10
    for name, task in ours.items():
        assert task.Strategy == "config.consumer:strategy", name
        assert set(get_type_hints(task.run).values()) <= {int, type(None)}, name


def test_A31_nothing_listens_to_remote_control() -> None:
    steps = {step.rpartition(":")[2] for step in Consumer.Blueprint.default_steps}
    assert steps == {"Connection", "Events", "Tasks", "DelayedDelivery", "Evloop", "Agent"}
    assert not app.conf.worker_enable_remote_control
