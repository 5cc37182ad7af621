"""Targets of a plan: which executor reaches which host, one site, a thousand hosts (A30, I15)."""

from dataclasses import replace

import pytest

from automation.actions.library import Library, library
from automation.adapters.planner import InventoryPlanner
from automation.hosts.targets import MAX_TARGETS
from automation.models import Host
from tests.statements import counted
from tests.within import within
from tickets.errors import PlanRefused
from tickets.trail.digests import plan_digest

pytestmark = pytest.mark.django_db


@pytest.fixture
def engine(monkeypatch):
    """Lets system.os_version be an action of another executor."""

    def switch(executor: str) -> None:
        action = replace(library().action("system.os_version"), executor=executor)
        monkeypatch.setattr(Library, "action", lambda self, key: action)

    return switch


def plan(*hosts: str):
    return InventoryPlanner().plan(
        node="run", action="system.os_version", params={}, hosts=list(hosts), not_before=None
    )


def refused(*hosts: str) -> list[tuple[str, str]]:
    with pytest.raises(PlanRefused) as error:
        plan(*hosts)
    return [(found["path"], found["code"]) for found in error.value.errors]


def test_salt_reaches_a_host_by_its_minion(engine) -> None:
    engine("salt")
    Host.objects.create(name="web-01", address="10.0.0.1", minion="web-01.example.com")
    Host.objects.create(name="only-salt", connection="salt", minion="m2")
    assert plan("web-01", "only-salt")["targets"] == [
        {"name": "web-01", "address": "web-01.example.com", "connection": "salt"},
        {"name": "only-salt", "address": "m2", "connection": "salt"},
    ]


def test_a_host_that_the_executor_cannot_reach_is_named_at_its_place(engine) -> None:
    Host.objects.create(name="ssh-only", address="10.0.0.1")
    Host.objects.create(name="salt-only", connection="salt", minion="m2")
    assert refused("ssh-only", "salt-only") == [("plans.run.targets[1]", "unreachable_by")]
    engine("salt")
    assert refused("ssh-only", "salt-only") == [("plans.run.targets[0]", "unreachable_by")]
    engine("manual")
    assert len(plan("ssh-only", "salt-only")["targets"]) == 2


def test_the_hosts_of_a_plan_are_of_one_site_which_the_plan_names() -> None:
    for name, site in (("hq", ""), ("hq2", ""), ("sz-1", "sz"), ("sz-2", "sz")):
        Host.objects.create(name=name, site=site)
    there, here = plan("sz-1", "sz-2"), plan("hq", "hq2")
    assert there["site"] == "sz"
    assert there["digest"] == plan_digest(there)
    assert "site" not in here
    assert refused("hq", "sz-1", "hq2", "sz-2") == [("plans.run.targets[1]", "several_sites")]


def test_A30_a_thousand_hosts_are_planned_in_one_statement_and_within_a_second() -> None:
    names = [f"web-{number:04}" for number in range(MAX_TARGETS)]
    Host.objects.bulk_create(Host(name=name, address="10.0.0.1", facts={"os": "x" * 200}) for name in names)
    plan(names[0])
    with within(1), counted() as statements:
        made = plan(*names)
    assert len(statements) == 1, statements
    assert [target["name"] for target in made["targets"]] == names
    assert refused(*names, "one-more") == [("plans.run.targets", "too_many_hosts")]
