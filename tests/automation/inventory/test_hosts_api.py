"""Hosts and groups by API: change, disable, remove, filter, group, and their trail (I25)."""

import pytest

from accounts.models import AdminEvent
from automation.models import Host, HostGroup
from tests.api.calls import Api
from tests.factories import NGINX, NOW, give_role, submit, user
from tickets.commands.submit import create

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture
def admin(world) -> Api:
    return Api("admin")


@pytest.fixture(autouse=True)
def host(world) -> Host:
    HostGroup.objects.create(name="web")
    return Host.objects.create(name="web-01", address="10.0.0.1", groups=["web"], labels={"env": "prod"})


def acts(*kinds: str) -> list[AdminEvent]:
    return list(AdminEvent.objects.filter(kind__in=kinds).order_by("seq"))


def codes(answer) -> list[tuple[str, str]]:
    return [(found["path"], found["code"]) for found in answer.json()["errors"]]


def test_a_host_is_changed_and_the_trail_says_from_what_to_what(admin) -> None:
    body = {
        "address": "10.0.0.9", "groups": ["db", "web"], "labels": {"env": "test"}, "vars": {"rack": "A1"},
        "minion": "web-01.example.com", "site": "sz", "port": 2222, "user": "deploy",
    }  # fmt: skip
    changed = admin.send("PATCH", "hosts/web-01", body)
    assert changed.status_code == 200, changed.content
    row = changed.json()
    assert (row["address"], row["groups"], row["variables"], row["site"]) == (
        "10.0.0.9", ["db", "web"], {"rack": "A1"}, "sz",
    )  # fmt: skip
    assert HostGroup.objects.filter(name="db").exists()
    [act] = acts("host.changed")
    assert act.actor == user("admin")
    assert act.data["before"]["address"] == "10.0.0.1"
    assert act.data["port"] == 2222
    admin.send("PATCH", "hosts/web-01", body)
    assert len(acts("host.changed")) == 1  # nothing changed


def test_a_disabled_host_is_in_no_new_plan_and_comes_back(admin) -> None:
    assert admin.send("PATCH", "hosts/web-01", {"disabled": True}).json()["is_active"] is False
    assert [row["name"] for row in admin.get("hosts", disabled="true").json()["results"]] == ["web-01"]
    assert admin.send("PATCH", "hosts/web-01", {"disabled": False}).json()["is_active"] is True
    assert [act.data["before"] for act in acts("host.changed")] == [{"is_active": True}, {"is_active": False}]


@pytest.mark.parametrize(
    ("body", "path", "code"),
    [
        ({"address": "-oProxyCommand=id"}, "address", "bad_address"),
        ({"user": "-x"}, "user", "bad_user"),
        ({"groups": ["all"]}, "groups", "bad_group"),
        ({"minion": "*"}, "minion", "bad_minion"),
        ({"minion": "G@os:Debian"}, "minion", "bad_minion"),
        ({"site": "SZ 1"}, "site", "bad_site"),
        ({"connection": "salt"}, "minion", "no_minion"),
        ({"vars": {"db_password": "x"}}, "variables.db_password", "secret"),
        ({"vars": {"cfg": {"api_token": "x"}}}, "variables.cfg", "secret"),
        ({"vars": {"a": "-----BEGIN OPENSSH PRIVATE KEY-----"}}, "variables.a", "secret"),
        ({"vars": {"ansible_ssh_common_args": "-o x"}}, "variables.ansible_ssh_common_args", "reserved"),
        ({"labels": {"__ansible_unsafe": "x"}}, "labels", "bad_key"),
    ],
)
def test_A27_A30_I24_what_a_host_cannot_be(admin, body, path, code) -> None:
    answer = admin.send("PATCH", "hosts/web-01", body)
    assert answer.status_code == 422
    assert (path, code) in codes(answer)
    assert Host.objects.get(name="web-01").address == "10.0.0.1"
    assert not acts("host.changed")


def test_two_hosts_cannot_have_one_minion(admin) -> None:
    Host.objects.create(name="web-02", minion="m1")
    assert codes(admin.send("PATCH", "hosts/web-01", {"minion": "m1"})) == [("minion", "minion_taken")]
    assert admin.send("PATCH", "hosts/web-02", {"minion": "m1", "port": 23}).status_code == 200


def test_removing_a_host_says_first_what_names_it(admin) -> None:
    ticket = submit("nginx-config-sync", NGINX)
    create(template="leave", form={"kind": "annual", "from": "2026-12-01", "days": 2}, actor=user("alice"), at=NOW)
    hurt = admin.get("hosts/demo-01/impact").json()
    assert [each["number"] for each in hurt["tickets"]] == [ticket.number]
    assert hurt["jobs"] == []
    refused = admin.send("DELETE", "hosts/demo-01")
    assert (refused.status_code, refused.json()["code"]) == (409, "host_in_use")
    assert refused.json()["tickets"][0]["number"] == ticket.number
    assert admin.send("DELETE", "hosts/demo-01?force=true").status_code == 204
    assert not Host.objects.filter(name="demo-01").exists()
    [act] = acts("host.removed")
    assert act.data["tickets"] == [ticket.number]
    ticket.refresh_from_db()
    [plan] = ticket.content.plans.values()  # it goes on (I15)
    assert [target["name"] for target in plan["targets"]] == ["demo-01"]


def test_I23_of_a_ticket_that_an_operator_may_not_see_the_number_alone(admin) -> None:
    ticket = submit("nginx-config-sync", NGINX)
    give_role("sre", "heidi")
    operator = Api("heidi")
    assert operator.get(f"tickets/{ticket.number}").status_code == 404
    told = {"number": ticket.number, "title": None, "state": "approving"}
    assert operator.get("hosts/demo-01/impact").json()["tickets"] == [told]
    assert operator.send("DELETE", "hosts/demo-01").json()["tickets"] == [told]
    assert admin.get("hosts/demo-01/impact").json()["tickets"][0]["title"] == ticket.title


def test_a_host_that_nothing_names_goes_at_once(admin) -> None:
    assert admin.send("DELETE", "hosts/web-01").status_code == 204
    assert admin.send("DELETE", "hosts/web-01").status_code == 404


def test_filters_and_totals(admin) -> None:
    Host.objects.create(name="db-01", minion="m9", site="sz", is_active=False, check_result="unreachable")
    Host.objects.create(name="db-02", labels={"env": "prod"}, check_result="ok")

    def names(**query: str) -> list[str]:
        return [row["name"] for row in admin.get("hosts", **query).json()["results"]]

    assert names(q="10.0.0.1") == ["web-01"]
    assert names(q="m9") == ["db-01"]
    assert names(group="web") == ["web-01"]
    assert names(label="env=prod") == ["db-02", "web-01"]
    assert names(label="env", check="ok") == ["db-02"]
    assert names(site="sz") == ["db-01"]
    assert names(site="", connection="ssh") == ["db-02", "web-01"]
    assert names(names="web-01,nobody,db-01") == ["db-01", "web-01"]
    assert admin.get("hosts", groups="web").status_code == 422
    assert [row["name"] for row in Api("heidi").get("hosts", q="10.0.0.1").json()["results"]] == []
    page = admin.get("hosts", total="true", limit="1").json()
    assert page["next"]
    assert page["totals"] == {
        "total": 6, "disabled": 1, "unreachable": 0, "never_checked": 4, "by_salt": 1, "local": 3,
    }  # fmt: skip
    whole = admin.get("inventory").json()
    assert {"site": "sz", "hosts": 1} in whole["sites"]
    env = next(label for label in whole["labels"] if label["key"] == "env")
    assert {"value": "prod", "hosts": 2} in env["values"]


def test_groups_are_made_named_limited_and_removed(admin) -> None:
    made = admin.post("groups", {"name": "pay", "description": "支付", "usable_by": [{"role": "dba"}]})
    assert (made.status_code, made.json()["is_open"]) == (201, False)
    assert admin.post("groups", {"name": "pay"}).status_code == 409
    assert admin.post("groups/pay/hosts", {"add": ["web-01"]}).json()["hosts"] == 1
    assert Host.objects.get(name="web-01").groups == ["pay", "web"]
    refused = admin.send("DELETE", "groups/pay")
    assert (refused.status_code, refused.json()["code"], refused.json()["hosts"]) == (409, "group_in_use", 1)
    assert admin.send("PATCH", "groups/pay", {"name": "payment"}).json()["hosts"] == 1
    assert Host.objects.get(name="web-01").groups == ["payment", "web"]
    assert admin.post("groups/payment/hosts", {"remove": ["web-01"]}).json()["hosts"] == 0
    assert admin.send("DELETE", "groups/payment").status_code == 204
    kinds = [act.kind for act in acts("host_group.added", "host_group.changed", "host_group.removed", "host.changed")]
    assert kinds == ["host_group.added", "host.changed", "host_group.changed", "host.changed", "host_group.removed"]


@pytest.mark.parametrize(
    ("usable_by", "path", "code"),
    [
        ([], "usable_by", "bad_audience"),
        (["all"], "usable_by[0]", "bad_audience"),
        ([{"role": "dba", "user": "bob"}], "usable_by[0]", "bad_audience"),
        ([{"password": "x"}], "usable_by[0]", "bad_audience"),
        ([{"role": 7}], "usable_by[0]", "bad_audience"),
        (["everyone", {"role": "no-such"}], "usable_by[1].role", "unknown_role"),
    ],
)
def test_A38_an_audience_that_names_nobody_is_refused(admin, usable_by, path, code) -> None:
    assert codes(admin.send("PATCH", "groups/web", {"usable_by": usable_by})) == [(path, code)]
    assert codes(admin.post("groups", {"name": "a b", "usable_by": usable_by}))[-1] == (path, code)


def test_A01_the_inventory_is_changed_by_operators_only() -> None:
    heidi = Api("heidi")
    for method, path, body in (
        ("PATCH", "hosts/web-01", {"port": 23}),
        ("DELETE", "hosts/web-01", None),
        ("GET", "hosts/web-01/impact", None),
        ("GET", "hosts/export", None),
        ("POST", "groups", {"name": "x"}),
        ("PATCH", "groups/web", {"usable_by": ["everyone"]}),
        ("DELETE", "groups/web", None),
        ("POST", "groups/web/hosts", {"remove": ["web-01"]}),
    ):
        assert heidi.send(method, path, body).status_code == 403, (method, path)
    shown = heidi.get("hosts/web-01").json()
    assert (shown["address"], shown["minion"], shown["variables"]) == (None, None, None)
