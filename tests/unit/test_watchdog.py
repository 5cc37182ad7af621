"""What the watchdog of `make run` stops, and what it leaves running (F18)."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from devtools.embedded.postgres import Postgres
from devtools.embedded.watchdog import SETTLE_S, Watchdog

NOW = 1000.0
WELL = {"outbox_age_s": 0, "timer_age_s": 0, "delivery_age_s": 0, "job_age_s": 0, "sweep_age_s": 3, "executor_age_s": 9}


class Part:
    def __init__(self, name: str) -> None:
        self.name, self.started, self.again_at, self.killed = name, NOW - SETTLE_S, 0.0, 0
        self.stands_still = False

    def kill(self) -> None:
        self.killed += 1
        self.stands_still = False

    def is_stopped(self) -> bool:
        return self.stands_still


class Database:
    stands_still, woken = False, 0

    def is_stopped(self) -> bool:
        return self.stands_still

    def wake(self) -> None:
        self.woken += 1
        self.stands_still = False


class Scene:
    def __init__(self) -> None:
        self.parts = {name: Part(name) for name in ("broker", "mailbox", "worker", "executor", "beat", "web")}
        self.said: list[str] = []
        self.answers: dict[str, Any] = {"/healthz": {"ok": True}}
        self.ready()
        supervisor: Any = SimpleNamespace(children=list(self.parts.values()))
        self.database: Any = Database()
        self.dog = Watchdog(supervisor, self.said.append, self.answers.get, database=cast(Postgres, self.database))

    def ready(self, *stuck: str, ok: bool = True, **progress: float | None) -> None:
        self.answers["/readyz"] = {"ok": ok and not stuck, "stuck": list(stuck), "progress": {**WELL, **progress}}

    def check(self, times: int = 1) -> list[str]:
        for _time in range(times):
            self.dog.check(NOW)
        return [name for name, part in self.parts.items() if part.killed]


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_where_all_is_well_nothing_is_ended(scene) -> None:
    assert scene.check(20) == []
    assert scene.said == []


@pytest.mark.parametrize(
    ("kind", "ended"),
    [
        ("outbox", ["worker", "beat"]),
        ("timer", ["worker", "beat"]),
        ("delivery", ["worker", "beat"]),
        ("job", ["executor"]),
    ],
)
def test_F18_who_should_come_for_what_is_stuck_is_started_again(scene, kind, ended) -> None:
    scene.ready(kind, **{f"{kind}_age_s": 52.0})
    assert scene.check() == []  # one look may be unlucky
    assert scene.check() == ended
    assert f"nobody comes for what is due ({kind}, for 52 s)" in scene.said[0].lower()


@pytest.mark.parametrize("age", [None, 50.0])
def test_F18_silence_is_enough(scene, age) -> None:
    scene.ready(sweep_age_s=age)
    assert scene.check(2) == ["worker", "beat"]
    scene.ready(executor_age_s=age)
    assert scene.check(2) == ["worker", "executor", "beat"]


def test_a_part_that_has_just_begun_is_given_time(scene) -> None:
    scene.parts["worker"].started = NOW - 3
    scene.ready(sweep_age_s=600.0)
    assert scene.check(5) == ["beat"]


def test_F10_without_the_database_or_the_broker_nobody_is_to_blame(scene) -> None:
    scene.answers["/readyz"] = {"ok": False, "database": "OperationalError", "migrations": "ok", "broker": "ok"}
    assert scene.check(20) == []


def test_a_web_server_that_answers_only_sometimes_is_started_again(scene) -> None:
    for turn in range(6):
        scene.answers["/healthz"] = None if turn % 2 else {"ok": True}
        scene.check()
    assert scene.parts["web"].killed == 1


def test_one_answer_that_did_not_come_means_nothing(scene) -> None:
    scene.answers["/healthz"] = None
    scene.check()
    scene.answers["/healthz"] = {"ok": True}
    assert scene.check(20) == []


def test_it_says_when_the_work_goes_on(scene) -> None:
    scene.ready(sweep_age_s=60.0)
    scene.check(2)
    scene.ready()
    scene.check(3)
    assert scene.said[-1] == "· The work goes on again."
    assert len(scene.said) == 3


@pytest.mark.parametrize("name", ["broker", "mailbox", "web"])
def test_F18_a_stopped_part_without_signs_of_life_is_started_again(scene, name) -> None:
    scene.answers["/readyz"] = None
    scene.parts[name].stands_still = True
    assert scene.check(2) == []
    assert scene.check() == [name]
    assert scene.said == [f"! {name.capitalize()} is stopped: starting {name} again"]
    assert scene.check(20) == [name]


def test_F18_a_stopped_executor_is_judged_by_its_signs_of_life(scene) -> None:
    scene.parts["executor"].stands_still = True
    assert scene.check(20) == []


def test_F18_a_stopped_database_is_woken_and_said(scene) -> None:
    scene.database.stands_still = True
    scene.check(2)
    assert (scene.database.woken, scene.said) == (0, [])
    scene.check(5)
    assert scene.database.woken == 1
    assert scene.said == ["! PostgreSQL was stopped: letting it go on"]
