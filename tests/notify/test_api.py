"""GET notifications, POST notifications/read, GET deliveries, POST deliveries/{id}/retry."""

import pytest
from django.test import Client
from django.utils import timezone

from notify.models import Delivery
from tests.notify.world import browser, submit
from tickets.background.dispatch import dispatch
from tickets.commands import talk

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ticket(template, people):
    ticket = submit(people["alice"])
    talk.comment(number=ticket.number, actor=people["dave"], at=timezone.now(), text="which days?")
    dispatch()
    return ticket


def test_my_news_newest_first(ticket, people):
    answer = browser(people["bob"]).get("/api/v1/notifications").json()
    assert [(row["kind"], row["title"]) for row in answer["results"]] == [
        ("ticket.commented", "Dave commented: Three days off"),
        ("task.assigned", "Please decide: Three days off"),
    ]
    first = answer["results"][0]
    assert (first["text"], first["actor"], first["number"]) == ("which days?", "dave", ticket.number)
    assert first["read_at"] is None
    assert answer["unread"] == 2


def test_news_comes_in_pages(ticket, people):
    client = browser(people["bob"])
    first = client.get("/api/v1/notifications?limit=1").json()
    second = client.get("/api/v1/notifications", {"limit": 1, "cursor": first["next"]}).json()
    kinds = [row["kind"] for row in first["results"] + second["results"]]
    assert kinds == ["ticket.commented", "task.assigned"]
    assert second["next"] is None


def test_reading_some_and_all(ticket, people):
    client = browser(people["bob"])
    rows = client.get("/api/v1/notifications").json()["results"]
    path = "/api/v1/notifications/read"
    answer = client.post(path, {"ids": [rows[0]["id"]]}, content_type="application/json")
    assert answer.json() == {"read": 1, "unread": 1}
    assert len(client.get("/api/v1/notifications?unread=true").json()["results"]) == 1
    assert client.post(path, {"all": True}, content_type="application/json").json() == {"read": 1, "unread": 0}


def test_A41_anothers_news_stays_unread(ticket, people):
    theirs = Delivery.objects.filter(recipient=people["bob"], kind="in_app").values_list("pk", flat=True)
    path = "/api/v1/notifications/read"
    answer = browser(people["heidi"]).post(path, {"ids": list(theirs)}, content_type="application/json")
    assert answer.json() == {"read": 0, "unread": 0}
    assert Delivery.objects.filter(recipient=people["bob"], kind="in_app", read_at=None).count() == 2


@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 422), ({"ids": [1], "all": True}, 422), ({"user": "bob", "all": True}, 400), ({"ids": ["x"]}, 422)],
)
def test_A02_a_request_that_is_not_clear_is_refused(ticket, people, body, status):
    answer = browser(people["bob"]).post("/api/v1/notifications/read", body, content_type="application/json")
    assert answer.status_code == status
    assert Delivery.objects.filter(read_at__isnull=False).count() == 0


def test_A41_deliveries_are_ones_own_or_the_administrators(ticket, people):
    everything = browser(people["admin"]).get("/api/v1/deliveries?limit=100").json()["results"]
    assert {row["recipient"] for row in everything} == {"alice", "bob", "dave"}
    mine = browser(people["bob"]).get("/api/v1/deliveries?limit=100").json()["results"]
    assert {row["recipient"] for row in mine} == {"bob"}
    assert browser(people["heidi"]).get("/api/v1/deliveries").json() == {"results": [], "next": None}


def test_deliveries_can_be_narrowed(ticket, people):
    client = browser(people["admin"])
    rows = client.get("/api/v1/deliveries?kind=email&state=queued").json()["results"]
    assert {(row["kind"], row["state"]) for row in rows} == {("email", "queued")}
    assert client.get("/api/v1/deliveries?state=gone").status_code == 422


class TestRetry:
    def path(self, people) -> str:
        delivery = Delivery.objects.get(kind="email", recipient=people["bob"], event__kind="task.assigned")
        delivery.give_up(error="550")
        delivery.save()
        return f"/api/v1/deliveries/{delivery.pk}/retry"

    def test_an_administrator_tries_again(self, ticket, people):
        answer = browser(people["admin"]).post(self.path(people), content_type="application/json").json()
        assert (answer["state"], answer["attempts"], answer["last_error"]) == ("queued", 0, "")

    @pytest.mark.parametrize(("who", "status"), [("bob", 403), ("heidi", 404)])
    def test_A41_others_do_not(self, ticket, people, who, status):
        answer = browser(people[who]).post(self.path(people), content_type="application/json")
        assert answer.status_code == status
        assert Delivery.objects.get(state="dead").last_error == "550"

    def test_what_is_sent_is_not_sent_again(self, ticket, people):
        news = Delivery.objects.filter(kind="in_app").first()
        path = f"/api/v1/deliveries/{news.pk}/retry"
        answer = browser(people["admin"]).post(path, content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/api/v1/notifications"),
        ("post", "/api/v1/notifications/read"),
        ("get", "/api/v1/deliveries"),
        ("post", "/api/v1/deliveries/1/retry"),
    ],
)
def test_A41_nobody_comes_in_without_logging_in(ticket, method, path):
    assert getattr(Client(), method)(path).status_code in (401, 403)
