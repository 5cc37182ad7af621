"""Quotas against floods; deciding, withdrawing and stopping stay possible (A47)."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models import F

from accounts.models import Quota
from accounts.tasks import purge
from automation.models import InventorySource
from automation.models.dry_run import DryRun
from tests.api.calls import Api
from tests.factories import LEAVE, NGINX, NOW, pending, submit
from tickets.background.dispatch import dispatch

pytestmark = pytest.mark.usefixtures("world")
TICKET = {"template": "leave", "form": LEAVE}


@pytest.fixture(autouse=True)
def few(settings) -> None:
    """Three of everything in a minute."""
    settings.QUOTAS = dict.fromkeys(settings.QUOTAS, 3)


def spent(answer) -> None:
    body = answer.json()
    assert (answer.status_code, body["code"]) == (429, "too_many_requests"), body
    assert answer["Content-Type"] == "application/problem+json"
    assert int(answer["Retry-After"]) == body["retry_after"] == 20


def test_A47_a_flood_of_tickets_is_refused_and_deciding_and_withdrawing_go_on() -> None:
    api = Api("alice")
    made = [api.post("tickets", TICKET) for _try in range(3)]
    assert {answer.status_code for answer in made} == {201}
    spent(api.post("tickets", TICKET))
    number = made[0].json()["number"]
    spent(api.post(f"tickets/{number}/copy"))
    assert api.post(f"tickets/{number}/withdraw", {"comment": "x"}).status_code == 200
    task = made[1].json()["tasks"][0]["id"]
    bob = Api("bob")
    for _try in range(5):
        bob.post("tickets", TICKET)
    assert bob.post(f"tasks/{task}/approve").status_code == 200
    assert bob.post("tasks/bulk", {"ids": [pending(submit("leave", LEAVE)).pk], "action": "return", "comment": "x"})


def test_A47_it_fills_again_evenly() -> None:
    api = Api("alice")
    for _try in range(4):
        api.post("tickets", TICKET)
    for _round in range(2):
        Quota.objects.update(full_at=F("full_at") - timedelta(seconds=20))
        assert api.post("tickets", TICKET).status_code == 201
        spent(api.post("tickets", TICKET))
    Quota.objects.update(full_at=F("full_at") - timedelta(seconds=61))
    assert [api.post("tickets", TICKET).status_code for _try in range(4)] == [201, 201, 201, 429]


def test_A47_another_person_has_a_quota_of_his_own_and_an_address_one_for_ten() -> None:
    for name in ("alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "admin"):
        codes = [Api(name).post("tickets", TICKET).status_code for _try in range(4)]
        assert codes == [201, 201, 201, 429], name
    from tests.factories import person

    for name in ("u1", "u2"):
        person(name)
    assert Api("u1").post("tickets", {"template": "nothing"}).status_code != 429
    row = Quota.objects.get(key="tickets address 127.0.0.1")
    row.full_at += timedelta(minutes=1)
    row.save()
    answer = Api("u2").post("tickets", TICKET)
    assert (answer.status_code, answer["Retry-After"]) == (429, "2")
    assert Api("u2", REMOTE_ADDR="10.0.0.9").post("tickets", TICKET).status_code != 429


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("tickets/{number}/comments", {"text": "x"}),
        ("tickets/{number}/watch", {"users": ["heidi"]}),
        ("me/tokens", {"name": "ci"}),
        ("proxies", {"agent": "carol", "starts_at": "2090-01-01T00:00:00Z", "ends_at": "2090-01-02T00:00:00Z"}),
    ],
)
def test_A47_whatever_makes_rows_or_news_is_limited(path, body) -> None:
    path = path.format(number=submit("leave", LEAVE).number)
    api = Api("alice")
    assert all(api.post(path, body).status_code in (200, 201) for _try in range(3))
    spent(api.post(path, body))


def test_A47_uploads_and_exports_are_limited() -> None:
    api = Api("admin")
    for status in (201, 201, 201, 429):
        file = SimpleUploadedFile("a.txt", b"x")
        assert api.client.post("/api/v1/attachments", {"file": file}).status_code == status
    codes = [api.get("reports/monthly.xlsx", month="2026-10").status_code for _try in range(4)]
    assert codes == [200, 200, 200, 429]


def test_A47_so_are_those_of_the_inventory() -> None:
    api = Api("admin")
    text = {"format": "csv", "text": "name\nweb-08\n", "dry_run": True}
    assert [api.post("hosts/import", text).status_code for _try in range(4)] == [200, 200, 200, 429]
    assert [api.get("hosts/export").status_code for _try in range(4)] == [200, 200, 200, 429]


def test_A47_so_is_what_runs_before_anybody_approves(settings, tmp_path) -> None:
    """Checks of hosts, looks into the repository, sources, dry runs once more: one bucket for them all."""
    settings.ACTIONS_SOURCE = str(tmp_path)
    admin = Api("admin")
    source = InventorySource.objects.create(name="cmdb", kind="table", path="a.csv")
    ticket = submit("nginx-config-sync", NGINX)
    dispatch()
    DryRun.objects.update(created_at=NOW - timedelta(days=1), state="done")
    answers = [
        admin.post("hosts/check", {"names": ["demo-01"]}),
        admin.post("actions/sync"),
        admin.post(f"tickets/{ticket.number}/plans/run/dry_run"),
    ]
    assert [answer.status_code for answer in answers] == [202, 202, 202]
    for path in ("hosts/check", "actions/sync", f"inventory/sources/{source.pk}/run"):
        spent(admin.post(path, {"names": ["demo-01"]} if path == "hosts/check" else {}))
    spent(admin.post(f"tickets/{ticket.number}/plans/run/dry_run"))
    spent(admin.post("jobs/1/dry_run"))
    assert Api("erin").post("hosts/check", {"names": ["demo-01"]}).status_code == 202


def test_A47_an_answer_given_already_costs_nothing_and_a_refusal_is_not_kept() -> None:
    api = Api("alice")
    first = api.post("tickets", TICKET, Idempotency_Key="a").json()["number"]
    for _try in range(5):
        assert api.post("tickets", TICKET, Idempotency_Key="a").json()["number"] == first
    for key in ("b", "c"):
        assert api.post("tickets", TICKET, Idempotency_Key=key).status_code == 201
    spent(api.post("tickets", TICKET, Idempotency_Key="d"))
    Quota.objects.all().delete()
    assert api.post("tickets", TICKET, Idempotency_Key="d").status_code == 201


def test_A47_one_person_has_only_so_many_tokens(settings) -> None:
    settings.TOKENS_PER_PERSON = 2
    api = Api("alice")
    made = [api.post("me/tokens", {"name": "ci"}) for _try in range(3)]
    assert [answer.status_code for answer in made] == [201, 201, 409]
    assert made[2].json()["code"] == "too_many_tokens"
    assert api.send("DELETE", f"me/tokens/{made[0].json()['id']}").status_code == 204
    Quota.objects.all().delete()
    assert api.post("me/tokens", {"name": "ci"}).status_code == 201


def test_the_refusal_says_when_in_both_languages() -> None:
    for language, words in (("en", "Try again in 20 seconds"), ("zh-hans", "20 秒")):
        api = Api("alice", language=language)
        for _try in range(4):
            answer = api.post("tickets", TICKET)
        assert words in answer.json()["detail"]


def test_counting_costs_no_flush_and_leaves_nothing_behind() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'accounts_quota'")
        assert cursor.fetchone() == ("u",)
    Api("alice").post("tickets", TICKET)
    Quota.objects.update(full_at=F("full_at") - timedelta(minutes=2))
    purge()
    assert not Quota.objects.exists()
