"""The automation API: who sees and does what (I23, A01, A09, A41)."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from automation.commands.claim import claim
from automation.commands.finish import finish
from automation.executors.base import HostResult
from automation.executors.verdict import Verdict
from automation.models import Host, Job
from automation.states.job import ENDED
from tests.automation.world import approved_job

pytestmark = pytest.mark.django_db(transaction=True)  # an error marks its transaction for rollback


def client(user: User) -> Client:
    browser = Client(headers={"Accept-Language": "en"})
    browser.force_login(user, backend="accounts.backends.PasswordBackend")
    return browser


@pytest.fixture
def browsers(people) -> dict[str, Client]:
    return {name: client(user) for name, user in people.items()}


@pytest.fixture
def job(people, hosts) -> Job:
    return approved_job("sql", people, ["demo-01"], sql="SELECT 1")


def post(browser: Client, path: str, body: object = None, **headers: str):
    return browser.post(f"/api/v1/{path}", body or {}, content_type="application/json", headers=headers)


def get(browser: Client, path: str):
    return browser.get(f"/api/v1/{path}")


def test_actions_are_for_everybody_who_is_logged_in(browsers) -> None:
    rows = get(browsers["heidi"], "actions").json()["results"]
    restart = next(row for row in rows if row["key"] == "service.restart")
    assert restart["name"]["zh"] == "服务重启"
    assert (restart["executor"], restart["risk"], restart["read_only"]) == ("ansible", "low", False)
    assert (restart["dry_run"], restart["rollback"]) == ("offered", "none")
    assert restart["params"] == [
        {
            "key": "service", "type": "text", "label": {"zh": "服务", "en": "Service"}, "required": True,
            "max_length": 64, "pattern": "^[A-Za-z0-9][A-Za-z0-9@._-]*$",
        }
    ]  # fmt: skip
    assert restart["schema"]["additionalProperties"] is False
    assert restart.keys().isdisjoint({"folder", "files"})
    assert Client().get("/api/v1/actions").status_code == 401


def test_I24_how_hosts_are_reached_is_for_operators(browsers, hosts) -> None:
    Host.objects.create(name="web-01", address="10.0.0.1", groups=["web"])
    shown = get(browsers["heidi"], "hosts?group=web").json()
    assert shown["next"] is None
    assert [(row["name"], row["address"], row["user"]) for row in shown["results"]] == [("web-01", None, None)]
    row = get(browsers["erin"], "hosts?q=WEB").json()["results"][0]
    assert (row["address"], row["port"], row["user"]) == ("10.0.0.1", 22, "root")


def test_hosts_are_paged_by_name(browsers, hosts) -> None:
    first = get(browsers["erin"], "hosts?limit=2").json()
    assert [row["name"] for row in first["results"]] == ["demo-01", "demo-02"]
    rest = get(browsers["erin"], f"hosts?limit=2&cursor={first['next']}").json()
    assert ([row["name"] for row in rest["results"]], rest["next"]) == (["demo-03"], None)


def test_adding_a_host(browsers) -> None:
    body = {"name": "web-01", "address": "10.0.0.1", "groups": ["web"], "labels": {"rack": "A"}}
    assert post(browsers["heidi"], "hosts", body).status_code == 403
    made = post(browsers["erin"], "hosts", body)
    assert (made.status_code, made.json()["groups"]) == (201, ["web"])
    again = post(browsers["erin"], "hosts", body | {"name": "WEB-01"})
    assert (again.status_code, again.json()["code"]) == (409, "host_exists")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "all"}, 422),
        ({"name": "web-1", "address": "-oProxyCommand=id"}, 422),
        ({"name": "web-1", "variables": {"ansible_ssh_common_args": "x"}}, 422),
        ({"name": "web-1", "variables": {"__ansible_unsafe": "x"}}, 422),
        ({"name": "web-1", "labels": {"a": "\x00"}}, 422),
        ({"name": "web-1", "groups": ["a b"]}, 422),
        ({"name": "web-1", "is_active": False}, 400),
        ({}, 422),
    ],
)
def test_A09_A30_hosts_that_are_refused(browsers, body, status) -> None:
    assert post(browsers["erin"], "hosts", body).status_code == status
    assert not Host.objects.exists()


def test_importing_hosts(browsers) -> None:
    body = {"text": "[web]\nweb-01\nweb-02 ansible_host=10.0.0.2\n"}
    assert post(browsers["bob"], "hosts/import", body).status_code == 403
    done = post(browsers["erin"], "hosts/import", body)
    assert done.status_code == 200
    said = done.json()
    assert (said["created"], said["updated"], said["unchanged"], said["warnings"]) == (2, 0, 0, [])
    wrong = post(browsers["erin"], "hosts/import", {"text": "web-03\nlocalhost\n", "format": "ini"})
    assert wrong.status_code == 422
    assert [found["path"] for found in wrong.json()["errors"]] == ["line 2.name"]
    assert Host.objects.count() == 2


def test_I23_A41_jobs_are_seen_like_their_tickets(browsers, job) -> None:
    for path in (f"jobs/{job.pk}", f"jobs/{job.pk}/log"):
        assert [get(browsers[name], path).status_code for name in ("alice", "bob", "erin", "heidi")] == [
            200, 200, 200, 404,
        ]  # fmt: skip
        assert Client().get(f"/api/v1/{path}").status_code == 401
    assert len(get(browsers["alice"], "jobs").json()["results"]) == 1
    assert get(browsers["heidi"], "jobs").json() == {"results": [], "next": None}
    assert get(browsers["erin"], "jobs?state=running").json()["results"] == []
    assert len(get(browsers["erin"], f"jobs?ticket={job.ticket.number}").json()["results"]) == 1


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("host=demo-01", 1), ("host=demo-02", 0), ("action=database.run_change", 1), ("action=service.restart", 0),
        ("created_from=2020-01-01", 1), ("created_from=2999-01-01", 0), ("created_to=2020-01-01", 0),
        ("host=demo-01&created_to=2999-01-01&state=waiting", 1),
    ],
)  # fmt: skip
def test_jobs_are_found_by_host_action_and_time(browsers, job, asked, found) -> None:
    assert len(get(browsers["erin"], f"jobs?{asked}").json()["results"]) == found


def test_a_time_that_is_none_is_told(browsers) -> None:
    answer = get(browsers["erin"], "jobs?created_from=yesterday")
    assert (answer.status_code, [found["path"] for found in answer.json()["errors"]]) == (422, ["created_from"])


def test_a_job_shows_the_approved_plan(browsers, job) -> None:
    shown = get(browsers["alice"], f"jobs/{job.pk}").json()
    assert (shown["state"], shown["attempt"], shown["started_at"], shown["outcome"]) == ("waiting", 0, None, "")
    assert shown["plan"]["params"] == {"database": "orders", "sql": "SELECT 1"}
    assert shown["plan"]["targets"] == [{"name": "demo-01", "address": "hosts/demo-01", "connection": "local"}]
    assert shown["plan"]["digest"] == job.plan_digest
    assert shown["hosts"] == [
        {"name": "demo-01", "status": "waiting", "changed": False, "message": "", "batch": None, "touched": False}
    ]
    assert shown["allowed_actions"] == ["cancel"]
    assert shown["ticket"] == {"number": job.ticket.number, "title": "Please", "state": "executing"}


@pytest.mark.parametrize("offset", ["-1", "abc", "1.5", "", "٣x"])
def test_an_offset_that_is_none(browsers, job, offset) -> None:
    answer = get(browsers["alice"], f"jobs/{job.pk}/log?offset={offset}")
    assert (answer.status_code, [found["path"] for found in answer.json()["errors"]]) == (422, ["offset"])
    assert get(browsers["alice"], f"jobs/{job.pk}/log?offset={2**31 - 1}").status_code == 200


@pytest.mark.parametrize("state", ["waiting", "running", "completed", "failed", "cancelled"])
def test_A48_who_may_not_act_does_not_learn_the_state(browsers, job, state) -> None:
    ended = timezone.now() if state in ENDED else None
    Job.objects.filter(pk=job.pk).update(state=state, finished_at=ended)
    for verb, body in (("cancel", {}), ("rerun", {"hosts": "all"}), ("resolve", {"comment": "x"})):
        refused = post(browsers["bob"], f"jobs/{job.pk}/{verb}", body)
        assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")


def test_A01_acts_need_the_right(browsers, job) -> None:
    for verb, body in (("cancel", {}), ("rerun", {"hosts": "all"}), ("resolve", {"comment": "x"})):
        assert post(browsers["heidi"], f"jobs/{job.pk}/{verb}", body).status_code == 404
        assert post(browsers["bob"], f"jobs/{job.pk}/{verb}", body).status_code == 403
        assert get(browsers["erin"], f"jobs/{job.pk}/{verb}").status_code == 405
    job.refresh_from_db()
    assert job.state == "waiting"


def test_cancel_once_with_one_key(browsers, job) -> None:
    first = post(browsers["alice"], f"jobs/{job.pk}/cancel", **{"Idempotency-Key": "k1"})
    assert (first.status_code, first.json()["state"]) == (200, "cancelled")
    again = post(browsers["alice"], f"jobs/{job.pk}/cancel", **{"Idempotency-Key": "k1"})
    assert (again.status_code, again.json()["state"]) == (200, "cancelled")
    assert post(browsers["alice"], f"jobs/{job.pk}/cancel").status_code == 409


def test_rerun_and_resolve(browsers, job) -> None:
    claimed = claim(job.pk)
    finish(job.pk, claimed.attempt, "it broke\n", Verdict("unknown", {"demo-01": HostResult("unknown")}))
    path = f"jobs/{job.pk}"
    assert get(browsers["erin"], path).json()["allowed_actions"] == ["rerun", "resolve"]
    refused = post(browsers["erin"], f"{path}/rerun", {"hosts": "failed"})
    assert (refused.status_code, refused.json()["code"]) == (422, "comment_required")
    assert post(browsers["erin"], f"{path}/rerun", {"hosts": "demo-03", "comment": "x"}).status_code == 422
    assert post(browsers["erin"], f"{path}/rerun", {"targets": ["demo-03"]}).status_code == 400
    done = post(browsers["erin"], f"{path}/rerun", {"hosts": "failed", "comment": "Looked."})
    assert (done.status_code, done.json()["state"]) == (200, "waiting")
    claimed = claim(job.pk)
    finish(job.pk, claimed.attempt, "", Verdict("failed", {"demo-01": HostResult("failed")}))
    assert post(browsers["erin"], f"{path}/resolve", {}).status_code == 422
    done = post(browsers["erin"], f"{path}/resolve", {"comment": "By hand."})
    assert (done.status_code, done.json()["ticket"]["state"]) == (200, "completed")
