"""A check logs in over SSH as a run would, asks the host what it is, and changes nothing (A28, A35)."""

import time
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.utils import timezone, translation

from automation.commands.host_checks import check_now
from automation.executors.base import HostResult, Mode, News, Order, Refused
from automation.hosts.checks import Finding, check
from automation.hosts.probe import probe
from automation.models import Host
from tests.automation.farm import Farm
from tests.automation.test_ssh import keyless

pytestmark = pytest.mark.django_db


class Answers:
    """An executor whose hosts say this. results: name → (status, message); facts: name → what it hands over."""

    def __init__(self, results: dict[str, tuple[str, str]], facts: dict[str, Any] | None = None, why: str = "") -> None:
        self.results, self.facts, self.why = results, facts or {}, why
        self.orders: list[Order] = []
        self.exit_code: int | None = None
        self.has_verdict, self.began_at, self.renewed = True, time.monotonic(), 0

    def start(self, order: Order) -> "Answers":
        self.orders.append(order)
        if self.why:
            raise Refused(self.why)
        return self

    def poll(self, timeout_s: float) -> News:
        if self.exit_code is not None:
            return News(b"", {})
        self.exit_code = 0 if self.renewed else None
        return News(b"", {n: HostResult(s, message=m) for n, (s, m) in self.results.items()}, outputs=self.facts)

    def renew(self) -> None:
        self.renewed += 1

    def stop(self) -> None:
        self.exit_code = 1

    def __enter__(self) -> "Answers":
        return self

    def __exit__(self, *details: object) -> None:
        pass


@pytest.fixture
def reached(home: Path, monkeypatch, settings) -> dict[str, Host]:
    """Hosts that greet, and an executor that has the fleet's key."""
    ours = Path(settings.AUTOMATION_HOME) / "ssh"
    ours.mkdir(parents=True)
    (ours / "id").touch()
    monkeypatch.setattr("automation.hosts.checks.greeting", lambda address, port: Finding("ok", f"SSH-2.0-{address}"))
    names = ("web-01", "web-02", "web-03")
    return {name: Host.objects.create(name=name, address=name, user="deploy") for name in names}


def found(hosts: dict[str, Host], answers: Answers) -> dict[str, tuple[str, str]]:
    with patch.dict("automation.executors.EXECUTORS", {"ansible": lambda: answers}), translation.override("en"):
        return {name: (each.result, each.message) for name, each in check(list(hosts.values())).items()}


def test_ok_means_that_a_log_in_worked_and_unusable_says_why_not(reached) -> None:
    why = "Permission denied (publickey).\nThis host does not take our key."
    answers = Answers({"web-01": ("ok", ""), "web-02": ("unreachable", why), "web-03": ("failed", "no python3")})
    assert found(reached, answers) == {
        "web-01": ("ok", "SSH-2.0-web-01"),
        "web-02": ("unusable", "Permission denied (publickey). This host does not take our key."),
        "web-03": ("unusable", "no python3"),
    }
    [order] = answers.orders
    assert (order.action.key, order.action.is_read_only, order.mode) == ("host.probe", True, Mode.RUN)
    assert [target["address"] for target in order.targets] == [f"deploy@{name}:22" for name in reached]
    assert order.action.run == {"become": False}


def test_I26_what_could_not_be_tried_calls_no_host_down(reached) -> None:
    assert {result for result, _why in found(reached, Answers({}, why="Ansible cannot be started")).values()} == {
        "unknown"
    }
    assert set(found(reached, Answers({"web-01": ("running", "")})).values()) == {
        ("unknown", "The log-in came to no end.")
    }


def test_without_the_fleets_key_the_greeting_is_all(reached, settings) -> None:
    (Path(settings.AUTOMATION_HOME) / "ssh/id").unlink()
    answers = Answers({})
    assert set(found(reached, answers).values()) == {
        (("ok", f"SSH-2.0-{name}; No log-in was tried: the fleet's key is not here.")) for name in reached
    }
    assert answers.orders == []


def test_A35_what_a_host_says_of_itself_is_cut_cleaned_and_kept_with_its_time(reached) -> None:
    hostile = {"os": "\x1b[31mDebian\n{{ 7*7 }} <b>", "cpus": 4, "memory": ["x"], "other": "x", "arch": "a" * 1000}
    answers = Answers({"web-01": ("ok", "")}, {"web-01": hostile, "stranger": {"os": "x"}})
    before = timezone.now()
    with patch.dict("automation.executors.EXECUTORS", {"ansible": lambda: answers}):
        check_now([reached["web-01"]])
    host = Host.objects.get(name="web-01")
    assert host.facts == {"os": "[31mDebian {{ 7*7 }} <b>", "cpus": "4", "arch": "a" * 200}
    assert host.facts_at is not None
    assert abs((host.facts_at - before).total_seconds()) < 60
    assert host.check_result == "ok"


@pytest.mark.services
def test_a_real_host_says_what_it_is_and_others_why_nobody_gets_in(farm: Farm, settings) -> None:
    web, bare = farm.machine("web-01"), farm.machine("no-python")
    farm.admit(settings.AUTOMATION_HOME)
    if Path(f"{bare.root}/usr/bin/python3").exists():
        bare.run("rm", "/usr/bin/python3")
    rows = {
        name: Host.objects.create(name=name, address=machine.address, port=machine.port, user=user)
        for name, machine, user in (("web-01", web, "root"), ("bare", bare, "root"), ("asks", web, keyless(web)))
    }
    tried = probe(list(rows.values()))
    assert tried["web-01"].status == "ok", tried
    facts = tried["web-01"].facts
    assert set(facts) == {"os", "kernel", "arch", "cpus", "memory", "python"}
    assert facts["kernel"].startswith("Linux ")
    assert facts["memory"].endswith(" MB")
    assert facts["cpus"].isdigit()
    assert (tried["bare"].status, tried["bare"].facts) == ("failed", {})
    assert "python3" in tried["bare"].message
    assert tried["asks"].status == "unreachable"
    assert "Permission denied" in tried["asks"].message
