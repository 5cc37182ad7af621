"""Minions of a real Salt in the inventory: accepted keys, grains, and one that is down."""

import pytest
from django.utils import timezone

from automation.commands.source_runs import read_source
from automation.executors.salt.client import Salt
from automation.executors.salt.fleet import accepted, grains
from automation.hosts.checks import check
from automation.models import Host, InventoryRun, InventorySource
from tests.salt.conftest import account_of
from tests.salt.world import MINIONS

pytestmark = [pytest.mark.services, pytest.mark.django_db]


def test_accepted_minions_and_what_they_say_of_themselves(fleet) -> None:
    salt = Salt(account_of(fleet))
    salt.log_in()
    assert accepted(salt) == sorted(MINIONS)
    said = grains(salt, [*MINIONS, "nobody"])
    assert set(said) == set(MINIONS)
    assert said[MINIONS[0]]["kernel"] == "Linux"


def test_salt_is_a_source_and_its_hosts_answer_a_check(fleet) -> None:
    source = InventorySource.objects.create(name="salt", kind="salt")
    run = InventoryRun.objects.create(source=source, apply=True, created_at=timezone.now())
    read_source(run.pk)
    run.refresh_from_db()
    assert (run.state, run.applied, run.outcome["created"]) == ("done", True, len(MINIONS)), run.errors
    hosts = list(Host.objects.order_by("name"))
    assert [host.minion for host in hosts] == sorted(MINIONS)
    assert all(host.facts["kernel"].startswith("Linux") for host in hosts)
    hosts.append(Host(name="gone", connection="salt", minion="gone"))
    found = check(hosts)
    assert {name: each.result for name, each in found.items()} == {
        **dict.fromkeys(sorted(MINIONS), "ok"),
        "gone": "unreachable",
    }
