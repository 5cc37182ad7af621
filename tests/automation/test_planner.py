"""Plans before approval: values, hosts, refusals (A27, A30, I15)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from automation.actions.library import library
from automation.adapters.planner import InventoryPlanner
from automation.models import Host
from tests.hostile import UNSTORABLE
from tickets.errors import PlanRefused
from tickets.trail.digests import plan_digest

pytestmark = pytest.mark.django_db
NGINX = {"server_name": "www.example.com", "upstream": "10.0.0.1:8080", "note": "x"}


@pytest.fixture(autouse=True)
def inventory() -> None:
    Host.objects.create(name="web-01", address="10.0.0.1", user="deploy", port=2222, groups=["web"])
    Host.objects.create(name="web-02")
    Host.objects.create(name="old-01", is_active=False)


def plan(action: str = "nginx.sync_config", params: dict | None = None, hosts: Any = ("web-01",), at=None):
    return InventoryPlanner().plan(
        node="run", action=action, params=NGINX if params is None else params, hosts=list(hosts), not_before=at
    )


def refusals(**given) -> list[tuple[str, str]]:
    with pytest.raises(PlanRefused) as refused:
        plan(**given)
    assert all(found["message"] for found in refused.value.errors)
    return [(found["path"], found["code"]) for found in refused.value.errors]


def test_I15_a_plan_holds_everything_and_its_own_digest() -> None:
    made = plan(hosts=["web-02", "web-01"], at=datetime(2026, 11, 30, 12, tzinfo=UTC))
    assert made == {
        "node": "run",
        "action": "nginx.sync_config",
        "version": library().action("nginx.sync_config").version,
        "executor": "ansible",
        "params": {**NGINX, "listen": 80},
        "targets": [
            {"name": "web-02", "address": "root@web-02:22", "connection": "ssh"},
            {"name": "web-01", "address": "deploy@10.0.0.1:2222", "connection": "ssh"},
        ],
        "not_before": "2026-11-30T12:00:00+00:00",
        "valid_days": 7,
        "dry_run": "offered",
        "health_check": {
            "action": "service.status",
            "version": library().action("service.status").version,
            "executor": "ansible",
            "params": {"service": "nginx", "watch_s": 2},
        },
        "digest": plan_digest(made),
    }


def test_I15_the_inventory_changing_later_does_not_change_the_plan() -> None:
    made = plan()
    Host.objects.filter(name="web-01").update(address="10.9.9.9")
    assert made["targets"][0]["address"] == "deploy@10.0.0.1:2222"
    assert plan()["digest"] != made["digest"]


@pytest.mark.parametrize(
    "name",
    ["*", "all", "localhost", "web", "web*", "~web.*", "web-01:web-02", "web-01,web-02", "!web-01", "WEB-01",
     "web-01\n", " web-01", "web-99", "old-01", "", "-i", "{{ x }}"],
)  # fmt: skip
def test_A30_only_exact_active_hosts(name: str) -> None:
    assert refusals(hosts=["web-02", name]) == [("plans.run.targets[1]", "unknown_host")]


def test_A30_no_host_twice_the_same_and_too_many() -> None:
    assert refusals(hosts=[]) == [("plans.run.targets", "no_hosts")]
    assert refusals(hosts=["web-01", "web-01"]) == [("plans.run.targets[1]", "duplicate_host")]
    assert refusals(hosts=["web-01"] * 1001) == [("plans.run.targets", "too_many_hosts")]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"server_name": "a;b"}, ("server_name", "pattern")),
        ({"server_name": "example.com\n"}, ("server_name", "pattern")),
        ({"server_name": "-x"}, ("server_name", "pattern")),
        ({"server_name": "еxample.com"}, ("server_name", "pattern")),
        ({"server_name": ["a"]}, ("server_name", "type")),
        ({"server_name": {"__ansible_unsafe": "a"}}, ("server_name", "bad_key")),
        ({"upstream": None}, ("upstream", "required")),
        ({"listen": 70000}, ("listen", "maximum")),
        ({"listen": "80"}, ("listen", "type")),
        ({"listen": 80.0}, ("listen", "type")),
        ({"listen": True}, ("listen", "type")),
        ({"note": "x" * 4001}, ("note", "maxLength")),
        ({"ansible_connection": "local"}, ("ansible_connection", "additionalProperties")),
    ],
)
def test_A27_values_that_the_action_does_not_take(change, expected) -> None:
    path, code = expected
    assert (f"plans.run.params.{path}", code) in refusals(params=NGINX | change)


@pytest.mark.parametrize("text", UNSTORABLE.values(), ids=list(UNSTORABLE))
def test_A27_text_that_cannot_travel(text: str) -> None:
    assert refusals(params=NGINX | {"note": text}) == [("plans.run.params.note", "not_text")]


@pytest.mark.parametrize(
    ("action", "params"),
    [
        ("system.log_tail", {"path": "/var/log/../../etc/shadow"}),
        ("system.log_tail", {"path": "/etc/shadow"}),
        ("system.log_tail", {"path": "/var/log/.hidden"}),
        ("user.grant_access", {"account": "root"}),
        ("user.grant_access", {"account": "a b"}),
        ("user.grant_access", {"account": "bob", "public_key": "ssh-ed25519 AAAA\nssh-rsa AAAA"}),
        ("user.grant_access", {"account": "bob", "public_key": 'command="id" ssh-rsa AAAA'}),
        ("dns.set_record", {"zone": "example.com", "name": "www", "type": "A", "value": "10.0.0.256"}),
        ("dns.set_record", {"zone": "example.com", "name": "www", "type": "TXT", "value": 'a" b'}),
        ("dns.set_record", {"zone": "example.com", "name": "w\n@", "type": "A", "value": "10.0.0.1"}),
        ("release.deploy", {"application": "shop", "version": ".."}),
        ("release.deploy", {"application": "../etc", "version": "1"}),
        ("release.deploy", {"application": "shop", "version": "1", "batch": "0%"}),
        ("database.run_change", {"database": "a/b", "sql": "SELECT 1"}),
        ("service.restart", {"service": "--help"}),
    ],
)
def test_A27_A29_each_action_refuses_what_could_mean_more(action: str, params: dict) -> None:
    assert refusals(action=action, params=params)


def test_unknown_action() -> None:
    assert refusals(action="../../etc") == [("plans.run.action", "unknown_action")]


def test_A27_the_preview_shows_what_hides() -> None:
    made = plan() | {"params": NGINX | {"server_name": "a\u202eb", "listen": 80, "upstream": "x\ny"}}
    shown = InventoryPlanner().describe(made)
    assert shown["command"][0]["en"] == "write conf.d/a\\u202eb.conf: 80 → x\\ny"
    assert shown["summary"] == {"zh": "在 1 台主机上执行", "en": "Runs on 1 host"}
    assert shown["risk"] == library().action("nginx.sync_config").risk


def test_A28_a_value_that_looks_like_a_placeholder_stays_a_value() -> None:
    made = plan(action="database.run_change", params={"database": "orders", "sql": "{database}"})
    made["params"]["database"] = "{sql}"
    assert InventoryPlanner().describe(made)["command"][0]["en"] == "deliver the change script for database {sql}"


def test_an_action_that_is_gone_is_still_described() -> None:
    assert InventoryPlanner().describe(plan() | {"action": "no.more"})["command"] == []
